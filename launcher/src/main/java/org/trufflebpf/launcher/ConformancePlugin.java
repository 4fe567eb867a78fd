package org.trufflebpf.launcher;

import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.trufflebpf.launcher.engine.BpfObject;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.RunResult;
import org.trufflebpf.launcher.engine.RunSpec;
import org.trufflebpf.launcher.engine.Session;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The plugin of <a href="https://github.com/Alan-Jowett/bpf_conformance">bpf_conformance</a>: a
 * program in hex on standard input or behind {@code --program}, its memory in hex as argument,
 * register 0 in hex on standard output.
 */
public final class ConformancePlugin {
    private static final int MAX_PROGRAM = 64 << 20;
    private static final int INSN_BYTES = 8;
    private static final String ELF_FUNCTION = "main";
    private static final String USAGE =
            "usage: bpf-conformance-plugin [--program HEX] [MEMORY_HEX...] [--elf] [--debug]";

    private String program;
    private final StringBuilder memory = new StringBuilder();
    private boolean elf;
    private boolean debug;

    public static void main(String[] args) {
        Io io = Io.system();
        int status = run(args, io);
        io.out().flush();
        io.err().flush();
        Runtime.getRuntime().halt(status);
    }

    /** Runs a program; returns the exit status. */
    static int run(String[] args, Io io) {
        ConformancePlugin plugin = new ConformancePlugin();
        try {
            if (!plugin.parse(args)) {
                io.out().println(USAGE);
                return 0;
            }
            io.out().println(Long.toHexString(plugin.execute(io)));
            return 0;
        } catch (EbpfRunException e) {
            io.say(Text.line(e.description()));
            if (plugin.debug) {
                e.printStackTrace(io.err());
            }
            return e.phase().status();
        } catch (RuntimeException | AssertionError | LinkageError | StackOverflowError e) {
            io.say(Text.line(EbpfRun.bug(e).description()));
            if (plugin.debug) {
                e.printStackTrace(io.err());
            }
            return EbpfRun.BUG;
        } catch (IOException e) {
            io.say("standard input cannot be read: " + e.getMessage());
            return EbpfRunException.Phase.USAGE.status();
        }
    }

    /** Returns whether there is something to run. */
    private boolean parse(String[] args) throws EbpfRunException {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--program" -> {
                    if (++i == args.length) {
                        throw EbpfRunException.usage("--program needs a value; " + USAGE);
                    }
                    program = args[i];
                }
                case "--elf" -> elf = true;
                case "--debug" -> debug = true;
                case "--help" -> {
                    return false;
                }
                default -> {
                    if (args[i].startsWith("--")) {
                        throw EbpfRunException.usage("unknown option '" + args[i] + "'; " + USAGE);
                    }
                    memory.append(args[i]).append(' ');
                }
            }
        }
        return true;
    }

    private long execute(Io io) throws EbpfRunException, IOException {
        if (program == null) {
            byte[] text = io.in().readNBytes(MAX_PROGRAM);
            program = new String(text, StandardCharsets.ISO_8859_1);
        }
        byte[] code = bytes(program, "the program");
        byte[] bytes = bytes(memory, "the memory");
        if (code.length == 0) {
            throw EbpfRunException.usage(
                    "no program: expected it in hex on standard input; " + USAGE);
        }
        if (!elf && code.length % INSN_BYTES != 0) {
            throw EbpfRunException.load(
                    "the program has "
                            + code.length
                            + " bytes, expected instructions of "
                            + INSN_BYTES
                            + " bytes each");
        }
        Source source =
                elf ? Session.objectSource(code, "program.o") : Session.rawSource(code, "program");
        OutputStream err = Text.cleaning(io.err(), true);
        try (Engine engine = Session.newEngine(err, err);
                Session session =
                        new Session(engine, Map.of("ebpf.Conformance", "true"), err, err)) {
            BpfProgram chosen = choose(session.open(source));
            RunResult result = chosen.run(RunSpec.ofData(bytes));
            return result.r0();
        }
    }

    private BpfProgram choose(BpfObject object) throws EbpfRunException {
        List<BpfProgram> programs = object.programs();
        if (programs.size() == 1) {
            return programs.getFirst();
        }
        for (BpfProgram candidate : programs) {
            if (candidate.info().name().equals(ELF_FUNCTION)) {
                return candidate;
            }
        }
        throw EbpfRunException.load("the object has no function '" + ELF_FUNCTION + "'");
    }

    private static byte[] bytes(CharSequence hex, String what) throws EbpfRunException {
        byte[] bytes = Text.unhex(hex);
        if (bytes == null) {
            throw EbpfRunException.usage(what + " is not hex: expected pairs of digits; " + USAGE);
        }
        return bytes;
    }

    private ConformancePlugin() {}
}
