package org.trufflebpf.launcher;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

import java.nio.file.Path;

/**
 * Renders the {@link Option} rows: help text and completion through picocli, and the reference for
 * the docs.
 */
final class Help {
    static final String DESCRIPTION =
            "Runs programs of a BPF object file in user space, as the Linux kernel would.";

    static final String[] EXAMPLES = {
        "",
        "Examples:",
        "  ebpf-run hello.o                          run the only program of hello.o",
        "  ebpf-run xdp.o --data-in packet.bin       run it on a packet",
        "  ebpf-run xdp.o --data-in packet.bin --dump-maps",
        "                                            then show what the maps hold",
        "  ebpf-run xdp.o --pcap http.pcap           run it on each packet of a capture",
        "  ebpf-run fw.o ingress --map blocked 10.0.0.0/8=1 --pcap http.pcap",
        "                                            with an entry in the map blocked",
        "  ebpf-run prog.o --json --repeat 1000      measure it, for a script",
        "  ebpf-run prog.o --list                    show what the object holds",
        "  ebpf-run --verify-only prog.o             verify all its programs, run none",
        "",
        "Exit status: 0 the program ran, or all were accepted; 1 wrong usage; 2 the",
        "object or a program was refused; 3 the program faulted.",
    };

    /** The help text, at most {@code columns} wide. */
    static String usage(int columns) {
        if (columns < NarrowHelp.MAX_COLUMNS) {
            return NarrowHelp.usage(columns, DESCRIPTION, EXAMPLES);
        }
        return new CommandLine(spec())
                .setSeparator(" ")
                .setUsageHelpWidth(80)
                .getUsageMessage(Ansi.OFF);
    }

    /** A script that makes bash, or zsh through its bashcompinit, complete options and files. */
    static String completion() {
        return AutoComplete.bash("ebpf-run", new CommandLine(spec()));
    }

    /** The options as Markdown tables, which docs/ebpf-run.md contains. */
    static String markdown() {
        StringBuilder text = new StringBuilder();
        for (Option.Group group : Option.Group.values()) {
            text.append("### ")
                    .append(group.heading())
                    .append("\n\n| option | meaning |\n|---|---|\n");
            for (Option option : Option.values()) {
                if (option.group() == group) {
                    text.append("| `").append(option.flag());
                    if (option.parameter() != null) {
                        text.append(' ').append(option.parameter().replace("|", "\\|"));
                    }
                    text.append("` | ").append(option.help().replace("|", "\\|")).append(" |\n");
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("ebpf-run");
        spec.usageMessage()
                .description("%n" + DESCRIPTION + "%n")
                .customSynopsis(
                        "ebpf-run [options] prog.o [more.o...] [program]",
                        "       ebpf-run --verify-only [options] prog.o [more.o...] [program...]",
                        "       ebpf-run [options] --batch FILE")
                .sortOptions(false)
                .footer(EXAMPLES);
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0")
                        .paramLabel("prog.o")
                        .hideParamSyntax(true)
                        .type(Path.class)
                        .arity("0..1")
                        .description("The object file, as clang, gcc or rustc write it.")
                        .build());
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("1")
                        .paramLabel("more.o")
                        .hideParamSyntax(true)
                        .type(Path.class)
                        .arity("0..1")
                        .description("Objects to link with it, as bpftool gen object does.")
                        .build());
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("2")
                        .paramLabel("program")
                        .hideParamSyntax(true)
                        .type(String.class)
                        .arity("0..1")
                        .description("The program to run, where the object holds several.")
                        .build());
        int groups = 0;
        for (Option.Group group : Option.Group.values()) {
            ArgGroupSpec.Builder section =
                    ArgGroupSpec.builder()
                            .heading("%n" + group.heading() + ":%n")
                            .order(groups++)
                            .exclusive(false)
                            .validate(false);
            for (Option option : Option.values()) {
                if (option.group() == group) {
                    section.addArg(option(option));
                }
            }
            spec.addArgGroup(section.build());
        }
        return spec;
    }

    private static OptionSpec option(Option option) {
        OptionSpec.Builder builder =
                OptionSpec.builder(option.names())
                        .description(option.help().replace("%", "%%"))
                        .arity(Integer.toString(option.arity()))
                        .type(type(option));
        if (option.parameter() != null) {
            builder.paramLabel(option.parameter()).hideParamSyntax(true);
        }
        if (option.repeatable()) {
            builder.type(String[].class).auxiliaryTypes(String.class);
        }
        return builder.build();
    }

    private static Class<?> type(Option option) {
        return option.parameter() == null
                ? boolean.class
                : option.isFile() ? Path.class : String.class;
    }

    private Help() {}
}
