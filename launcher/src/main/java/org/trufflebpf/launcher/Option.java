package org.trufflebpf.launcher;

/**
 * The options of {@code ebpf-run}, one row each. The parser, the help text, the completion script
 * and the reference in {@code docs/ebpf-run.md} all read from here.
 */
enum Option {
    LIST(Group.CHOOSE, "--list", "Show the object's programs and maps; run nothing."),
    PROG(
            Group.CHOOSE,
            "--prog",
            "NAME",
            "Run the program NAME; the same as the argument that is no object."),
    TYPE(
            Group.CHOOSE,
            "--type",
            "TYPE",
            "Treat programs as TYPE (xdp, sched_cls, raw_tracepoint, ...), whatever their section"
                + " says. A function without a section of its own becomes a program of this type."),
    ATTACH_TYPE(
            Group.CHOOSE, "--attach-type", "TYPE", "Expected attach type, in libbpf's spelling."),
    REPLACE(
            Group.CHOOSE,
            "--replace",
            "FILE",
            "Object with freplace programs, which take the place of the functions that their"
                    + " sections name. May be given many times."),

    DATA_IN(
            Group.INPUT,
            "--data-in",
            "FILE",
            "Packet to run on: raw bytes from FILE, from standard input (-), or written out as"
                    + " hex:DIGITS."),
    CTX_IN(Group.INPUT, "--ctx-in", "FILE", "Context struct to start from, given like --data-in."),
    CTX(
            Group.INPUT,
            "--ctx",
            "JSON",
            "Context by its fields, {\"ifindex\":1,\"mark\":7}, or the arguments of a traced"
                    + " function as a list, [1,\"0x10\"]."),
    PCAP(
            Group.INPUT,
            "--pcap",
            "FILE",
            "Run on every packet of a pcap or pcapng FILE (- for standard input), of any size."),
    MAP(
            Group.INPUT,
            "--map",
            "NAME KEY=VALUE",
            "Put an entry into map NAME before the run, typed by BTF: numbers, hex, 10.0.0.1,"
                    + " {field=1,...}. May be given many times."),
    SET(
            Group.INPUT,
            "--set",
            "GLOBAL=VALUE",
            "Set a global variable of .rodata, .data or .bss before the load. May be given many"
                    + " times."),

    REPEAT(
            Group.RUN,
            "--repeat",
            "N",
            "Run N times and show the time per run: mean with warm-up, min, median."),
    CPU(Group.RUN, "--cpu", "N", "Virtual CPU to run on (default 0)."),
    CPUS(Group.RUN, "--cpus", "N", "Number of virtual CPUs."),
    SEED(Group.RUN, "--seed", "N", "Seed of the random numbers that programs draw."),
    CLOCK(
            Group.RUN,
            "--clock",
            "real|NS[+STEP...]",
            "Clocks show the real time, or stand still at NS nanoseconds. After the run each STEP,"
                    + " such as 500ms or 2s, moves them on and runs the timers that are due."),
    BTF(
            Group.RUN,
            "--btf",
            "FILE",
            "Kernel BTF that CO-RE relocations resolve against (default: the running kernel's, else"
                    + " the object's own)."),
    KCONFIG(
            Group.RUN,
            "--kconfig",
            "FILE",
            "Lines of CONFIG_X=value for kconfig externs, which come before those of the running"
                    + " kernel."),
    ENV(
            Group.RUN,
            "--env",
            "FILE",
            "The simulated environment: JSON that describes tasks, cgroups, sockets, interfaces,"
                    + " routes, memory and symbols (docs/environment.md)."),
    MAX_MEMORY(
            Group.RUN,
            "--max-memory",
            "SIZE",
            "Memory that maps and programs may take, as bytes or with K, M, G."),
    TIMEOUT(
            Group.RUN,
            "--timeout",
            "SECONDS",
            "End a run after SECONDS; 0 for never (default 60)."),

    VERIFY_ONLY(
            Group.VERIFY,
            "--verify-only",
            "Verify the programs that are named, or all, and run none. Exit status 2 if one is"
                    + " refused."),
    COUNTEREXAMPLE(
            Group.VERIFY,
            "--counterexample",
            "With --verify-only, which it implies: search for an input on which a refused program,"
                    + " run with --no-verify, faults where it is refused."),
    NO_VERIFY(
            Group.VERIFY,
            "--no-verify",
            "Run programs without verifying them first; each access is checked while they run."),
    VERIFIER_LOG(
            Group.VERIFY,
            "--verifier-log",
            "1|2",
            "Print the verifier's log in the style of the kernel's: 1 shows the path that is"
                    + " refused, 2 all paths. To standard output with --verify-only, else to"
                    + " standard error."),

    DATA_OUT(
            Group.OUTPUT,
            "--data-out",
            "FILE",
            "Write the packet after the run to FILE; - shows it as a hex dump."),
    CTX_OUT(Group.OUTPUT, "--ctx-out", "FILE", "Write the context after the run, like --data-out."),
    PCAP_OUT(
            Group.OUTPUT,
            "--pcap-out",
            "FILE",
            "With --pcap: write the packets that pass, as the program leaves them, to a pcap"
                    + " FILE."),
    DUMP_MAPS(
            Group.OUTPUT,
            "--dump-maps",
            "Show the contents of all maps after the run. With --pcap, the first 64 entries of each"
                    + " are shown anyway."),
    DISASSEMBLE(
            Group.OUTPUT,
            "--disassemble",
            "Print the instructions, with C source lines between where the object has them; run"
                    + " nothing."),
    TRACE(
            Group.OUTPUT,
            "--trace",
            "Print each executed instruction with the registers it changed to standard error."),
    JSON(Group.OUTPUT, "--json", "Print one JSON object instead of text."),
    BATCH(
            Group.OUTPUT,
            "--batch",
            "FILE",
            "Run the cases in FILE (- for standard input), one JSON object per line, and print one"
                    + " JSON object for each."),
    VERBOSE(Group.OUTPUT, "--verbose", "Say on standard error what is done and how long it takes."),
    DEBUG(Group.OUTPUT, "--debug", "Show stack traces of errors."),

    COMPLETION(
            Group.OTHER,
            "--completion",
            "SHELL",
            "Print a completion script: source <(ebpf-run --completion bash)."),
    MANUAL(Group.OTHER, "--manual", "Print the manual page: ebpf-run --manual | man -l -."),
    HELP(Group.OTHER, "--help", "Print this help."),
    VERSION(
            Group.OTHER,
            "--version",
            "Print the versions of ebpf-run, the Truffle runtime and the JDK.");

    /** The headings of the help text, in its order. */
    enum Group {
        CHOOSE("Choosing a program"),
        INPUT("Input"),
        RUN("Running"),
        VERIFY("Verifying"),
        OUTPUT("Output"),
        OTHER("Other");

        private final String heading;

        Group(String heading) {
            this.heading = heading;
        }

        String heading() {
            return heading;
        }
    }

    private static final Option[] ROWS = values();
    private final Group group;
    private final String flag;
    private final String parameter;
    private final String help;

    Option(Group group, String flag, String help) {
        this(group, flag, null, help);
    }

    Option(Group group, String flag, String parameter, String help) {
        this.group = group;
        this.flag = flag;
        this.parameter = parameter;
        this.help = help;
    }

    Group group() {
        return group;
    }

    /** As it is written on the command line, such as {@code --list}. */
    String flag() {
        return flag;
    }

    /** The name of its value in the help text, or {@code null} for an option without one. */
    String parameter() {
        return parameter;
    }

    String help() {
        return help;
    }

    /** How many arguments follow it. */
    int arity() {
        return parameter == null ? 0 : this == MAP ? 2 : 1;
    }

    /** Whether each use adds to the earlier ones; of the others the last use counts. */
    boolean repeatable() {
        return this == MAP || this == SET || this == REPLACE;
    }

    /** Whether its value is a file, which completion needs to know. */
    boolean isFile() {
        return "FILE".equals(parameter);
    }

    /** The row of {@code flag}, or {@code null}. */
    static Option byFlag(String flag) {
        for (Option row : ROWS) {
            if (row.flag.equals(flag)) {
                return row;
            }
        }
        return null;
    }

    /** All its names, a short one first if there is one. */
    String[] names() {
        return switch (this) {
            case HELP -> new String[] {"-h", flag};
            case VERSION -> new String[] {"-V", flag};
            case VERBOSE -> new String[] {"-v", flag};
            default -> new String[] {flag};
        };
    }
}
