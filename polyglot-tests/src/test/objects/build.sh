#!/usr/bin/env bash
# Compiles the objects of these tests; needs clang-19 and libbpf-dev. What it writes is committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
for source in *.c; do
    clang-19 -O2 -g -Wall -Wno-missing-declarations --target=bpf -mcpu=v3 -fdebug-prefix-map="$PWD=." \
        -I"/usr/include/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)" \
        -c "$source" -o "${source%.c}.o"
    llvm-strip-19 --strip-debug "${source%.c}.o"
done
