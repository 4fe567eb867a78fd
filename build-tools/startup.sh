#!/usr/bin/env bash
# Prints what starting ebpf-run costs: wall time and CPU time (the least of ROUNDS, default 5) and resident memory.
# Compares a plain JVM, the runtime with its AOT cache, and a native image, those that are built; needs GNU time.
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
measure() { # NAME COMMAND...
    local name=$1
    shift
    for _ in $(seq "${ROUNDS:-5}"); do
        env time -f '%e %U %S %M' -a -o "$work/times" "$@" >/dev/null
    done
    sort -n "$work/times" | awk -v name="$name" '
        NR == 1 { wall = $1 }
        NR == 1 || $2 + $3 < cpu { cpu = $2 + $3 }
        NR == 1 || $4 < rss { rss = $4 }
        END { printf "%-44s %6.2f s %6.2f s %5d MB\n", name, wall, cpu, rss / 1024 }'
    rm "$work/times"
}

jdk=$(find_jdk)
printf '%-44s %8s %8s %8s\n' "" wall CPU memory
for command in "--version" "examples/hello.o" "examples/xdp_counter.o --pcap $work/1000.pcap"; do
    read -ra words <<<"$command"
    name=${command//$work\//}
    [ ! -e $jar/lib/launcher.jar ] || measure "JVM: $name" "$jdk/bin/java" @bin/jvm.options \
        --upgrade-module-path $jar/compiler --module-path $jar/lib --module $main "${words[@]}"
    [ ! -e $fast/ebpf-run.aot ] || measure "JVM + AOT cache: $name" $fast/runtime/bin/java @$fast/jvm.options \
        -XX:AOTCache=$fast/ebpf-run.aot --module $main "${words[@]}"
    [ ! -x native/target/ebpf-run ] || measure "native image: $name" native/target/ebpf-run "${words[@]}"
done
