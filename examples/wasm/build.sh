#!/bin/sh
# Compiles the application beside its source; Debian: clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32.
# environment: CLANG (default clang-19)
set -eu
cd "$(dirname "$0")"
"${CLANG:-clang-19}" --target=wasm32-wasi -std=c23 -Oz -Wall -Wextra -Wno-unused-parameter -Werror \
	-Wl,--export-table,--strip-all -o dns_watch.wasm dns_watch.c
