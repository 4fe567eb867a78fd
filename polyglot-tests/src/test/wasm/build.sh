#!/bin/sh
# Compiles the modules beside their sources; Debian: clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32.
# environment: CLANG (default clang-19)
set -eu
cd "$(dirname "$0")"
: "${CLANG:=clang-19}"
flags="-Oz -Wall -Wextra -Wno-unused-parameter -Werror -Wl,--strip-all"
"$CLANG" --target=wasm32-wasi -std=c23 $flags -Wl,--export-table -o map_operations.wasm map_operations.c
"$CLANG" --target=wasm32 $flags -nostdlib -Wl,--no-entry -o caller.wasm caller.c
