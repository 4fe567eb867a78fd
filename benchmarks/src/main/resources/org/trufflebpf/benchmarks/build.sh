#!/usr/bin/env bash
# Compiles the benchmark programs to BPF objects, without debugging information but BTF. Only needed after a change
# of a source; the objects beside the sources are what runs. Compiler of those: clang 14.0.6.
set -euo pipefail
cd "$(dirname "$0")"

clang=${CLANG:-clang-14}
strip=${LLVM_STRIP:-llvm-strip-14}
flags=(-O2 -g -target bpf -mcpu=v3 -fno-builtin -DFORM_XDP -fdebug-compilation-dir=.)

compile() {
    "$clang" "${flags[@]}" "${@:3}" -c "$1" -o "$2"
    "$strip" -g "$2"
}

for source in [ab]*.c; do
    compile "$source" "${source%.c}.o"
done
compile c01_ops.c c01_ops_1.o -DENTRIES=1024
compile c01_ops.c c01_ops_10k.o -DENTRIES=16384
compile c01_ops.c c01_ops_1m.o -DENTRIES=1048576
