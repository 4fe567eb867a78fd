#!/usr/bin/env bash
# Prints what starting ebpf-run costs, as Markdown: wall time, CPU time and resident memory, medians of ROUNDS (9).
# Compares a plain JVM, the runtime with its AOT cache, and a native image, those that are built, in turns; needs GNU
# time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1,000 packets: the example's 20, fifty times, behind one header.
head -c 24 examples/http.pcap >"$work/1000.pcap"
for _ in {1..50}; do tail -c +25 examples/http.pcap; done >>"$work/1000.pcap"

. bin/lib.sh
jar=launcher/target/dist
fast=launcher/target/fast
main=org.trufflebpf.launcher/org.trufflebpf.launcher.EbpfRun
sample() { # NAME COMMAND...
    local name=$1
    shift
    env time -f "$name|%e|%U|%S|%M" -a -o "$work/times" "$@" >/dev/null
}

jdk=$(find_jdk)
commands=(
    "--version"
    "examples/hello.o"
    "examples/xdp_counter.o --pcap $work/1000.pcap"
    "language/src/test/corpus/large.o table_4k --data-in examples/http_get.bin"
)
for _ in $(seq "${ROUNDS:-9}"); do
    for i in "${!commands[@]}"; do
        read -ra words <<<"${commands[i]}"
        [ ! -e $jar/lib/launcher.jar ] || sample "$i|JVM" "$jdk/bin/java" @bin/jvm.options \
            --upgrade-module-path $jar/compiler --module-path $jar/lib --module $main "${words[@]}"
        [ ! -e $fast/ebpf-run.aot ] || sample "$i|JVM + AOT cache" $fast/runtime/bin/java @$fast/jvm.options \
            -XX:AOTCache=$fast/ebpf-run.aot --module $main "${words[@]}"
        [ ! -x native/target/ebpf-run ] || sample "$i|native image" native/target/ebpf-run "${words[@]}"
    done
done

median() { sort -n | awk '{ all[NR] = $1 } END { printf "%s", all[int((NR + 1) / 2)] }'; }
echo "| command | started by | wall | CPU | memory |"
echo "|---|---|---:|---:|---:|"
cut -d '|' -f 1,2 "$work/times" | sort -u | while IFS='|' read -r i way; do
    runs() { awk -F '|' -v i="$i" -v way="$way" "\$1 == i && \$2 == way { print $1 }" "$work/times"; }
    printf '| `%s` | %s | %.2f s | %.2f s | %d MB |\n' "${commands[i]//$work\//}" "$way" \
        "$(runs '$3' | median)" "$(runs '$4 + $5' | median)" "$(runs '$6 / 1024' | median | cut -d . -f 1)"
done
