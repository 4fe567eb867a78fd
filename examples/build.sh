#!/bin/sh
# Compiles every example beside its source and records the compiler in BUILT-WITH.txt.
# environment: CLANG (default clang-19)
set -eu
cd "$(dirname "$0")"
: "${CLANG:=clang-19}"
machine=$(uname -m)-linux-gnu
flags="-O2 -g -Wall -Werror -target bpf -mcpu=v3"
for source in *.c; do
	"$CLANG" $flags -idirafter "/usr/include/$machine" -fdebug-compilation-dir=. -ffile-prefix-map="$PWD"=. \
		-ffile-prefix-map=/usr/include=include 		-c "$source" -o "${source%.c}.o"
done
version() {
	dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo '(not a Debian package)'
}
{
	"$CLANG" --version | head -1
	echo "clang $flags"
	echo "headers: libbpf-dev $(version libbpf-dev), linux-libc-dev $(version linux-libc-dev)"
} >BUILT-WITH.txt
