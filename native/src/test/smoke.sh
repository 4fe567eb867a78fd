#!/usr/bin/env bash
# Tries an archive of ebpf-run, or a native image, as a user would:
#   smoke.sh ARCHIVE.tar.gz [ARCHIVE_OF_LANGUAGES.tar.gz]
#   smoke.sh --native BINARY
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
project=$PWD
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
passed=0
failed=0

# check NAME EXPECTED ACTUAL: equal texts
check() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
        diff <(echo "$2") <(echo "$3") | head -n 20
    fi
}

# What differs from run to run: how long it took.
masked() { sed -E 's/ in [0-9.,]+ ms( \(.*\))?//; s/"duration_ns":[0-9.]+//; s/(runs: )mean .*/\1/; /^$/d'; }

# Every example prints what it is to print; $@ is the command.
examples() {
    local transcript name line
    mkdir -p "$work/run"
    ln -sfn "$project/examples" "$work/run/examples"
    for transcript in examples/expected/*.txt; do
        name=$(basename "$transcript" .txt)
        # One line for each command: a backslash goes on in the next line.
        sed -e ':a' -e '/\\$/N' -e 's/\\\n *//' -e 'ta' "$transcript" >"$work/transcript"
        check "example $name" "$(grep -v '^\$ ' "$work/transcript" | masked)" "$(
            cd "$work/run" && sed -n 's/^\$ \.\/ebpf-run //p' "$work/transcript" | while IFS= read -r line; do
                eval "\"\$@\" $line" 2>&1 </dev/null
            done | masked
        )"
    done
    check "packets of nat" "$(cksum <examples/expected/nat.pcap)" "$(cksum <"$work/run/nat-out.pcap")"
}

hello='hello: 0'
# The last line of hello, and how many lines stand on standard error.
runs() { # NAME LINES COMMAND...
    local name=$1 lines=$2
    shift 2
    check "$name" "$hello" "$("$@" examples/hello.o 2>"$work/err" </dev/null | tail -n 1)"
    check "$name: standard error" "$lines" "$(wc -l <"$work/err" | tr -d ' ')"
}

plugin() { # COMMAND...
    check "conformance plugin" 2a "$(echo 'b70000002a000000 9500000000000000' | "$@")"
}

if [ "$1" = --native ]; then
    binary=$project/$2
    runs "native image" 0 "$binary"
    examples "$binary"
    plugin "$binary" --bpf-conformance-plugin
    check "compiles" 1 "$("$binary" --version | grep -c 'programs are compiled')"
    best=1000
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        begin=$(date +%s%N)
        "$binary" examples/hello.o >/dev/null
        took=$((($(date +%s%N) - begin) / 1000000))
        [ "$took" -ge "$best" ] || best=$took
    done
    echo "start to result: $best ms"
    check "starts within 50 ms" yes "$([ "$best" -le 50 ] && echo yes || echo "no: $best ms")"
else
    # A directory with spaces in its name; a java that is of no use comes first in PATH, JAVA_HOME is wrong.
    home="$work/any where"
    mkdir -p "$home" "$work/bin"
    tar -xzf "$1" -C "$home" --strip-components=1
    printf '#!/bin/sh\necho "this java is not to be used" >&2\nexit 1\n' >"$work/bin/java"
    chmod +x "$work/bin/java"
    export PATH=$work/bin:$PATH JAVA_HOME=$work
    unset EBPF_RUN_JAVA_OPTS EBPF_RUN_MAIN
    run=$home/bin/ebpf-run

    runs "unpacked elsewhere" 0 "$run"
    # The cache is in use: a JVM that must have one starts.
    check "cache survives the move" "$hello" \
        "$(EBPF_RUN_JAVA_OPTS=-XX:AOTMode=on "$run" examples/hello.o 2>&1 | tail -n 1)"
    ln -s "$run" "$work/bin/ebpf-run"
    runs "through a link" 0 ebpf-run
    examples "$run"
    plugin "$home/bin/bpf-conformance-plugin"
    check "compiler" 1 "$("$run" --version | grep -c 'programs are compiled')"
    statistics="-Dpolyglot.engine.AllowExperimentalOptions=true -Dpolyglot.engine.CompilationStatistics=true"
    check "compiles programs" yes "$(EBPF_RUN_JAVA_OPTS=$statistics "$run" \
        examples/xdp_counter.o --data-in examples/http_get.bin --repeat 5000000 2>&1 |
        grep -Eq '^ *Success *: [1-9]' && echo yes)"
    runs "TMPDIR without space" 0 env TMPDIR=/dev/full "$run"
    runs "no JVMCI" 0 env EBPF_RUN_JAVA_OPTS=-XX:-EnableJVMCI "$run"
    check "no JVMCI is said" 1 "$(EBPF_RUN_JAVA_OPTS=-XX:-EnableJVMCI "$run" --version | grep -c interpreted)"
    runs "other collector" 0 env "EBPF_RUN_JAVA_OPTS=-XX:-UseSerialGC -XX:+UseParallelGC" "$run"
    check "manual page" 1 "$(grep -c '^\.TH EBPF-RUN 1' "$home/share/man/man1/ebpf-run.1")"
    check "completion" 0 "$(bash -n "$home/share/bash-completion/completions/ebpf-run"; echo $?)"

    if [ $# -gt 1 ]; then
        tar -xzf "$2" -C "$home" --strip-components=1
        check "JavaScript" '{"XDP_PASS":20}' "$("$home/bin/ebpf-polyglot" examples/polyglot/counter.js 2>&1 | head -n 1)"
        check "Python" "{'XDP_PASS': 18, 'XDP_DROP': 2}" \
            "$("$home/bin/ebpf-polyglot" examples/polyglot/firewall.py 2>&1 | head -n 1)"
        check "WebAssembly" "2 queries" "$("$home/bin/ebpf-polyglot" --pcap examples/http.pcap \
            examples/wasm/dns_watch.wasm eth0 2>&1 | tail -n 1)"
    fi

    chmod -R a-w "$home"
    runs "read-only" 0 "$run"
    chmod -R u+w "$home"
    head -c 1000000 "$home/ebpf-run.aot" >"$work/cut"
    cp "$work/cut" "$home/ebpf-run.aot"
    runs "cut cache" 0 "$run"
    head -c 1000000 /dev/zero >"$home/ebpf-run.aot"
    runs "no cache in that file" 0 "$run"
    rm "$home/ebpf-run.aot"
    runs "no cache" 0 "$run"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
