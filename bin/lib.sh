# What the starting scripts share; sourced by bash, never run. The caller sets $root, the project's directory.

# Prints the home of a JDK 25 or newer: JAVA_HOME, then java in PATH, then where systems keep their JDKs.
find_jdk() {
    local home java_in_path
    java_in_path=$(command -v java || true)
    if [ -n "$java_in_path" ]; then
        java_in_path=$(readlink -f "$java_in_path")
        java_in_path=${java_in_path%/bin/java}
    fi
    for home in "${JAVA_HOME:-}" "$java_in_path" /usr/lib/jvm/* /usr/local/lib/jvm/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/.sdkman/candidates/java/* \
        "$HOME"/.jdks/*; do
        if is_jdk_25 "$home"; then
            echo "$home"
            return
        fi
    done
    echo "${0##*/}: needs a JDK 25 or newer: install one (such as Temurin 25, https://adoptium.net)" \
        "or set JAVA_HOME to it" >&2
    return 1
}

# A JDK says its version in the file "release"; reading it costs nothing, unlike starting the JDK.
is_jdk_25() {
    local line version
    [ -n "$1" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS= read -r line; do
        case $line in
            JAVA_VERSION=*)
                version=${line#JAVA_VERSION=}
                version=${version//\"/}
                version=${version%%[!0-9]*}
                [ "${version:-0}" -ge 25 ]
                return
                ;;
        esac
    done <"$1/release"
    return 1
}

# Builds the launcher when it is missing or older than a source. One process at a time builds, the others wait.
build_if_stale() {
    stale || return 0
    find_jdk >/dev/null || return 1
    mkdir -p "$root/target"
    (
        if command -v flock >/dev/null; then
            flock 9
        fi
        stale || exit 0
        build
    ) 9>"$root/target/ebpf-run.lock"
}

# Whether a source is newer than the launcher's jar, which every build of it writes anew.
stale() {
    local jar=$dist/lib/launcher.jar
    local sources=("$root"/pom.xml "$root"/{language,launcher}/{pom.xml,src/main})
    [ ! -e "$jar" ] || [ -n "$(find "${sources[@]}" -newer "$jar" -print -quit)" ]
}

# Whether "mvn -Pdist package" has made a runtime that starts fast, of the very jars and options that we have.
fast() {
    [ "$fast/jvm.options" -nt "$dist/lib/launcher.jar" ] && [ "$fast/jvm.options" -nt "$root/bin/jvm.options" ]
}

build() {
    local log=$root/target/ebpf-run-build.log
    if ! command -v mvn >/dev/null; then
        echo "${0##*/}: needs Maven to build itself: install it (Debian, Ubuntu: apt install maven)" >&2
        return 1
    fi
    if [ -e "$dist/lib" ]; then
        echo "${0##*/}: building (sources have changed)..." >&2
    else
        echo "${0##*/}: building (first use, about a minute)..." >&2
    fi
    # A jar that is no dependency any more must not stay on the module path.
    rm -rf "$dist/lib"
    # Maven runs on its own JDK; its toolchains plugin looks into JAVA*_HOME for the one to build with.
    if ! (cd "$root" && JAVA25_HOME=$(find_jdk) mvn -q -B -Pquick -Dmaven.test.skip=true -pl launcher -am package) \
        >"$log" 2>&1 </dev/null; then
        echo "${0##*/}: the build failed, see $log; its last lines:" >&2
        tail -n 15 "$log" >&2
        return 1
    fi
    # Making a runtime that starts fast takes as long again: once, not after every change of a source.
    if [ ! -e "$fast" ] && ! (cd "$root" && "$(find_jdk)/bin/java" @build-tools/RuntimeImage.options \
        build-tools/RuntimeImage.java "$dist" build-tools/training.txt "$fast") >>"$log" 2>&1 </dev/null; then
        echo "${0##*/}: could not make a runtime that starts fast, see $log; the JDK is used" >&2
    fi
}

# Runs the main class $1 of the launcher's package with the remaining arguments, in place of this process.
run_main() {
    local main=org.trufflebpf.launcher/org.trufflebpf.launcher.$1
    local jdk dist=$root/launcher/target/dist fast=$root/launcher/target/fast
    shift
    build_if_stale || exit 1
    if fast; then
        exec "$fast/runtime/bin/java" "@$fast/jvm.options" "-XX:AOTCache=$fast/ebpf-run.aot" \
            ${EBPF_RUN_JAVA_OPTS:-} --module "$main" "$@"
    fi
    jdk=$(find_jdk) || exit 1
    exec "$jdk/bin/java" "@$root/bin/jvm.options" --upgrade-module-path "$dist/compiler" \
        ${EBPF_RUN_JAVA_OPTS:-} --module-path "$dist/lib" --module "$main" "$@"
}
