package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.HeadStart;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ebpf-run}: runs programs of BPF object files. This class reads the command line, decides
 * which command it is and turns failures into messages and exit statuses; {@link Command} does the
 * work.
 */
public final class EbpfRun {
    /** A mistake of ours, sysexits.h's EX_SOFTWARE. */
    static final int BUG = 70;

    /**
     * As the first argument it makes this program the plugin of bpf_conformance, so that one binary
     * can be both.
     */
    private static final String CONFORMANCE = "--bpf-conformance-plugin";

    /** With these nothing is run. */
    private static final List<Option> NEEDING_NOTHING =
            List.of(Option.HELP, Option.MANUAL, Option.COMPLETION);

    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals(CONFORMANCE)) {
            ConformancePlugin.main(Arrays.copyOfRange(args, 1, args.length));
        }
        if (NEEDING_NOTHING.stream().noneMatch(option -> contains(args, option))) {
            HeadStart.begin();
        }
        Io io = Io.system();
        int status = run(args, io);
        io.out().flush();
        io.err().flush();
        // Not System.exit: threads of the compiler may be at work, and nothing of theirs is wanted
        // any more.
        Runtime.getRuntime().halt(status);
    }

    /** Runs a command; returns its exit status. */
    static int run(String[] args, Io io) {
        Options options = null;
        try {
            options = Options.parse(args);
            return execute(options, io);
        } catch (EbpfRunException e) {
            return fail(
                    e,
                    options == null ? contains(args, Option.JSON) : options.has(Option.JSON),
                    contains(args, Option.DEBUG),
                    io);
        } catch (IOException
                | RuntimeException
                | LinkageError
                | AssertionError
                | StackOverflowError e) {
            io.say(
                    "ebpf-run: internal error: "
                            + Text.line(e.toString())
                            + "; please report this, with the object");
            if (contains(args, Option.DEBUG)) {
                e.printStackTrace(io.err());
            }
            return BUG;
        } catch (OutOfMemoryError e) {
            io.say(
                    "ebpf-run: out of memory; a larger heap can be given in EBPF_RUN_JAVA_OPTS,"
                            + " such as -Xmx4g");
            return EbpfRunException.Phase.RUN.status();
        }
    }

    private static int execute(Options options, Io io) throws EbpfRunException, IOException {
        if (options.has(Option.HELP)) {
            io.out()
                    .print(
                            Help.usage(
                                    NarrowHelp.columns(
                                            System.getenv("COLUMNS"), io.outIsTerminal())));
            return 0;
        }
        if (options.has(Option.VERSION)) {
            io.out().print(Version.text());
            return 0;
        }
        if (options.has(Option.MANUAL)) {
            io.out().print(ManualPage.text(Version.own()));
            return 0;
        }
        if (options.has(Option.COMPLETION)) {
            String shell = options.value(Option.COMPLETION);
            if (!shell.equals("bash") && !shell.equals("zsh")) {
                throw EbpfRunException.usage(
                        "--completion: '" + shell + "' is not known, expected bash or zsh");
            }
            io.out().print(Help.completion());
            return 0;
        }
        options.conflict(
                Option.BATCH,
                Option.LIST,
                Option.DISASSEMBLE,
                Option.PCAP,
                Option.DATA_OUT,
                Option.CTX_OUT);
        options.conflict(Option.LIST, Option.DISASSEMBLE, Option.PCAP);
        options.conflict(
                Option.PCAP,
                Option.DATA_IN,
                Option.CTX_IN,
                Option.CTX,
                Option.DATA_OUT,
                Option.CTX_OUT,
                Option.REPEAT);
        options.conflict(Option.CTX, Option.CTX_IN);
        options.conflict(Option.DISASSEMBLE, Option.JSON, Option.PCAP);
        options.conflict(
                Option.NO_VERIFY, Option.VERIFY_ONLY, Option.COUNTEREXAMPLE, Option.VERIFIER_LOG);
        options.conflict(Option.COUNTEREXAMPLE, Option.BATCH);
        for (Option verifying : List.of(Option.VERIFY_ONLY, Option.COUNTEREXAMPLE)) {
            options.conflict(
                    verifying,
                    Option.LIST,
                    Option.DISASSEMBLE,
                    Option.DATA_IN,
                    Option.CTX,
                    Option.CTX_IN,
                    Option.PCAP,
                    Option.MAP,
                    Option.REPEAT,
                    Option.TRACE,
                    Option.DATA_OUT,
                    Option.CTX_OUT,
                    Option.DUMP_MAPS);
        }
        if (options.has(Option.PCAP_OUT) && !options.has(Option.PCAP)) {
            throw EbpfRunException.usage("--pcap-out needs --pcap");
        }
        Command command = new Command(options, io);
        if (options.has(Option.BATCH)) {
            return command.batch();
        }
        if (options.object() == null) {
            throw EbpfRunException.usage(
                    "no object file: ebpf-run [options] prog.o [more.o...] [program]; see ebpf-run"
                            + " --help");
        }
        return command.run();
    }

    private static int fail(EbpfRunException e, boolean json, boolean debug, Io io) {
        if (json) {
            try (JsonReport report = new JsonReport(io.out())) {
                report.start(null);
                report.error(e);
                report.end();
            } catch (IOException cannotWrite) {
                // Whoever listened is gone.
            }
            io.out().flush();
        } else {
            io.say("ebpf-run: " + Text.line(e.description()));
        }
        if (debug) {
            e.printStackTrace(io.err());
        }
        return e.phase().status();
    }

    /** A mistake of ours as a failure, for a case of a batch. */
    static EbpfRunException bug(Throwable e) {
        String message = "internal error: " + e + "; please report this, with the object";
        return new EbpfRunException(
                EbpfRunException.Phase.RUN, message, null, -1, null, message, e);
    }

    /** Whether an option was given, told also where the command line as a whole makes no sense. */
    private static boolean contains(String[] args, Option option) {
        for (String arg : args) {
            if (arg.equals("--")) {
                return false;
            }
            if (arg.equals(option.flag())) {
                return true;
            }
        }
        return false;
    }

    private EbpfRun() {}
}
