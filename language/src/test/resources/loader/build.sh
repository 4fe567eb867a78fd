#!/bin/sh
# Builds the objects of the loader's tests from their C sources, in this directory.
# Needs clang-19, llvm-objcopy-19, libbpf-dev, gcc.
set -eu
cd "$(dirname "$0")"
CLANG=${CLANG:-clang-19}
OBJCOPY=${OBJCOPY:-llvm-objcopy-19}
FLAGS="-O2 -Wall -Wno-unused -Wno-missing-declarations -Wno-visibility -g -mcpu=v3 -I/usr/include/$(uname -m)-linux-gnu -ffile-prefix-map=$PWD=."
bpf() { # SOURCE OBJECT [FLAGS...]
    source=$1 object=$2
    shift 2
    # shellcheck disable=SC2086
    $CLANG --target=bpf $FLAGS "$@" -c "$source" -o "$object"
    llvm-strip-19 -g "$object" 2>/dev/null || true
}
for source in *.c; do
    case $source in
        *_golden.c) continue ;;
        nobtf_* | sections.c) $CLANG --target=bpf -O2 -mcpu=v3 -c "$source" -o "${source%.c}.o" ;;
        *_be.c) continue ;;
        *) bpf "$source" "${source%.c}.o" ;;
    esac
done
for name in core core_target globals maps; do
    bpf "$name.c" "${name}_be.o" --target=bpfeb
done
gcc -O2 -Wall core_golden.c -o core_golden.bin -lbpf
$OBJCOPY --dump-section .BTF=core_target.btf core_target.o /dev/null 2>/dev/null
./core_golden.bin core.o core_target.o > core.golden || true
rm -f core_golden.bin
{
    $CLANG --version | head -1
    echo "flags: --target=bpf $FLAGS" | sed "s|$PWD|.|g"
} > compiler.txt
