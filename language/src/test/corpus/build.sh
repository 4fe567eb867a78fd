#!/bin/sh
# Compiles the corpus. usage: build.sh [directory for the objects [flags of clang]]
# environment: CLANG (default clang-19), STRIP (default llvm-strip-19)
set -eu
cd "$(dirname "$0")"
: "${CLANG:=clang-19}" "${STRIP:=llvm-strip-19}"
out=${1:-.}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- -O2 -mcpu=v3
for source in *.c; do
	"$CLANG" -target bpf -g -w "$@" -idirafter "/usr/include/$(uname -m)-linux-gnu" -fdebug-compilation-dir=. \
		-ffile-prefix-map="$PWD=." -c "$source" -o "$out/${source%.c}.o"
	"$STRIP" -g "$out/${source%.c}.o"
done
