#!/usr/bin/env bash
# Compiles the object of the TCK; needs clang-19 and libbpf-dev. What it writes is committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
clang-19 -O2 -g -Wall -Wno-missing-declarations --target=bpf -mcpu=v3 -fdebug-prefix-map="$PWD=." \
    -I"/usr/include/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)" -c values.c -o values.o
llvm-strip-19 --strip-debug values.o
