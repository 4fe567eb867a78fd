package org.trufflebpf.launcher;

import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.trufflebpf.launcher.engine.BatchResult;
import org.trufflebpf.launcher.engine.BpfMap;
import org.trufflebpf.launcher.engine.BpfObject;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.Event;
import org.trufflebpf.launcher.engine.MapDump;
import org.trufflebpf.launcher.engine.RunResult;
import org.trufflebpf.launcher.engine.Session;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a command line asks for, done: list, disassemble, run, run on a capture, run a batch. */
final class Command {
    private static final int ETHERNET = 1;

    /** Entries of a map that are shown where --dump-maps was not given. */
    private static final int SHORT_MAP = 64;

    private static final int LARGE_MAP = 1 << 20;

    private final Options options;
    private final Io io;
    private final RunRequest request;
    private final boolean json;
    private final long start = System.nanoTime();

    Command(Options options, Io io) throws EbpfRunException {
        this.options = options;
        this.io = io;
        this.json = options.has(Option.JSON);
        if ("-".equals(options.value(Option.DATA_IN)) && "-".equals(options.value(Option.CTX_IN))) {
            throw EbpfRunException.usage("--data-in and --ctx-in cannot both be standard input");
        }
        byte[] data = InputFiles.data(options, Option.DATA_IN, io);
        byte[] ctx = InputFiles.data(options, Option.CTX_IN, io);
        this.request = RunRequest.of(options, data, ctx);
    }

    int batch() throws EbpfRunException, IOException {
        String name = options.value(Option.BATCH);
        try (Engine engine = newEngine();
                InputStream lines = name.equals("-") ? io.in() : InputFiles.open(name)) {
            new Batch(engine, io, request, options.has(Option.DEBUG)).run(lines);
        }
        return 0;
    }

    int run() throws EbpfRunException, IOException {
        byte[] bytes = InputFiles.object(request.object());
        Source source = Session.objectSource(bytes, request.object());
        OutputStream programOut = Text.cleaning(io.out(), io.outIsTerminal());
        OutputStream programErr = Text.cleaning(io.err(), false);
        try (Engine engine = newEngine();
                Session session = new Session(engine, request.language(), programOut, programErr)) {
            verbose("runtime: " + engine.getImplementationName() + " " + engine.getVersion());
            BpfObject object = session.open(source);
            for (String warning : object.warnings()) {
                io.say("ebpf-run: warning: " + Text.line(warning));
            }
            verbose(
                    request.object()
                            + ": "
                            + bytes.length
                            + " bytes, "
                            + object.byteOrder()
                            + "-endian, license "
                            + object.license());
            if (options.has(Option.LIST)) {
                list(object);
            } else if (options.has(Option.DISASSEMBLE)) {
                disassemble(object);
            } else if (request.verifyOnly()) {
                return verify(engine, source, object);
            } else {
                BpfProgram program = choose(object);
                verbose(
                        "program "
                                + program.info().name()
                                + ": section "
                                + program.info().section()
                                + ", type "
                                + program.info().type()
                                + ", "
                                + program.info().insnCount()
                                + " instructions");
                warnOfNoType(program);
                Outcome.prepare(object, program, request);
                verbose(options.has(Option.NO_VERIFY) ? "loaded" : "verified and loaded");
                if (options.has(Option.PCAP)) {
                    runCapture(object, program);
                } else {
                    runOnce(object, program);
                }
            }
        }
        return 0;
    }

    private Engine newEngine() {
        Engine engine = Session.newEngine(io.err(), io.err());
        if ((options.has(Option.PCAP) || options.has(Option.REPEAT))
                && Session.interpretsOnly(engine)) {
            io.say(
                    "ebpf-run: note: this JVM has no JVMCI, so programs are interpreted, not"
                            + " compiled");
        }
        return engine;
    }

    private void verbose(String line) {
        if (options.has(Option.VERBOSE)) {
            long tenths = (System.nanoTime() - start) / 100_000;
            io.say("ebpf-run: " + tenths / 10 + "." + tenths % 10 + " ms: " + Text.line(line));
        }
    }

    /**
     * As {@link Outcome#choose}; where the choice is open, the person sees the table before the
     * message.
     */
    private BpfProgram choose(BpfObject object) throws EbpfRunException {
        if (!json && request.program() == null && object.programs().size() > 1) {
            io.err().print(HumanReport.list(object.programs(), List.of()));
        }
        return Outcome.choose(object, request);
    }

    private void list(BpfObject object) throws EbpfRunException, IOException {
        List<BpfProgram> programs = object.programs();
        List<BpfMap> maps = object.maps();
        if (json) {
            try (JsonReport report = new JsonReport(io.out())) {
                report.start(null);
                report.list(request.object(), programs, maps);
                report.end();
            }
        } else {
            io.out().print(HumanReport.list(programs, maps));
        }
    }

    /** Without a type there are no rules to verify it by. */
    private void warnOfNoType(BpfProgram program) {
        if (program.info().type().equals("unspec") && !options.has(Option.NO_VERIFY)) {
            io.say(
                    "ebpf-run: warning: program "
                            + Text.line(program.info().name())
                            + " has no type, so that it runs unverified; give it one with --type");
        }
    }

    /** Returns the exit status. */
    private int verify(Engine engine, Source source, BpfObject object)
            throws EbpfRunException, IOException {
        int level = options.verifierLog();
        Verification verification =
                Verification.of(
                        object,
                        options.programs(),
                        request,
                        level,
                        options.has(Option.COUNTEREXAMPLE)
                                ? program -> Counterexample.search(engine, source, program, request)
                                : null);
        if (level > 0) {
            (json ? io.err() : io.out()).print(Text.clean(verification.log()));
        }
        if (json) {
            try (JsonReport report = new JsonReport(io.out())) {
                report.start(null);
                verification.write(report, request);
                report.end();
            }
        } else {
            verification.print(io);
        }
        return verification.allAccepted() ? 0 : EbpfRunException.Phase.VERIFY.status();
    }

    private void disassemble(BpfObject object) throws EbpfRunException {
        List<BpfProgram> programs =
                request.program() == null
                        ? object.programs()
                        : List.of(Outcome.choose(object, request));
        for (BpfProgram program : programs) {
            String text = Text.clean(program.disassemble());
            io.out().print(text.endsWith("\n") ? text : text + "\n");
        }
    }

    private void runOnce(BpfObject object, BpfProgram program)
            throws EbpfRunException, IOException {
        RunResult result = runWithHint(program);
        List<MapDump> maps = request.dumpMaps() ? Outcome.dump(object) : List.of();
        verbose("ran");
        if (json) {
            try (JsonReport report = new JsonReport(io.out())) {
                report.start(null);
                new Outcome(program.info(), result, maps).write(report, request);
                report.end();
            }
        } else {
            HumanReport report = new HumanReport(io);
            report.run(program.info(), request.spec(), result);
            report.maps(shown(maps));
        }
        writeOut(Option.DATA_OUT, result.printed() != null ? result.printed() : result.data());
        writeOut(Option.CTX_OUT, result.ctx());
    }

    /** A program that was refused for want of a packet is told how to give one. */
    private RunResult runWithHint(BpfProgram program) throws EbpfRunException {
        try {
            return program.run(request.spec());
        } catch (EbpfRunException e) {
            boolean hint =
                    e.phase() == EbpfRunException.Phase.USAGE
                            && request.spec().data() == null
                            && Verdicts.judgesPackets(program.info().type());
            throw hint ? e.with("; give a packet with --data-in FILE or --pcap FILE") : e;
        }
    }

    /** Constants are shown to those only who ask for every detail. */
    private List<MapDump> shown(List<MapDump> maps) {
        return options.has(Option.VERBOSE)
                ? maps
                : maps.stream().filter(map -> map.info().holdsState()).toList();
    }

    /**
     * What a capture left in maps, shown without being asked for; the language hands out a map as a
     * whole, so those that may be large are left to --dump-maps.
     */
    private static void filled(BpfObject object, HumanReport human) throws EbpfRunException {
        for (BpfMap map : object.maps()) {
            if (!map.info().isDeclared() || map.info().keySize() + map.info().valueSize() == 0) {
                continue;
            }
            if (map.info().maxEntries() > LARGE_MAP) {
                human.largeMap(map.info());
                continue;
            }
            MapDump dump = map.dump();
            if (dump.count() > 0) {
                human.maps(List.of(dump.first(SHORT_MAP)));
            }
        }
    }

    private void writeOut(Option option, byte[] bytes) throws EbpfRunException {
        String name = options.value(option);
        if (name == null) {
            return;
        }
        byte[] written = bytes == null ? new byte[0] : bytes;
        if (!name.equals("-")) {
            InputFiles.write(name, written);
        } else if (!json) {
            io.out()
                    .println(
                            (option == Option.DATA_OUT ? "data" : "ctx")
                                    + " out, "
                                    + written.length
                                    + " bytes:");
            io.out().print(Text.dump(written, ""));
        }
    }

    private void runCapture(BpfObject object, BpfProgram program)
            throws EbpfRunException, IOException {
        String name = options.value(Option.PCAP);
        boolean standardInput = name.equals("-");
        HumanReport human = new HumanReport(io);
        Bounded<String> trace = new Bounded<>();
        Bounded<Event> events = new Bounded<>();
        Progress progress = new Progress(io, standardInput ? -1 : size(name));
        PcapRun capture =
                new PcapRun(
                        program, progress, batch -> accept(batch, progress, human, trace, events));
        long begin = System.nanoTime();
        EbpfRunException failure = null;
        try (InputStream stream = standardInput ? io.in() : InputFiles.open(name)) {
            capture.run(
                    stream,
                    standardInput ? "standard input" : name,
                    options.value(Option.PCAP_OUT));
        } catch (EbpfRunException e) {
            failure = e;
        } finally {
            progress.clear();
        }
        long nanos = System.nanoTime() - begin;
        warn(capture, program, trace, events);
        if (json && failure == null) {
            try (JsonReport report = new JsonReport(io.out())) {
                report.start(null);
                report.program(request.object(), program.info());
                report.packets(capture.counts());
                report.trace(trace.kept());
                report.events(events.kept());
                if (request.dumpMaps()) {
                    report.maps(Outcome.dump(object));
                }
                report.end();
            }
        } else if (!json && (failure == null || capture.counts().packets() > 0)) {
            human.packets(program.info(), capture.counts(), nanos);
            if (failure == null) {
                if (request.dumpMaps()) {
                    human.maps(shown(Outcome.dump(object)));
                } else {
                    filled(object, human);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private boolean accept(
            BatchResult batch,
            Progress progress,
            HumanReport human,
            Bounded<String> trace,
            Bounded<Event> events) {
        if (json) {
            trace.addAll(batch.trace());
            events.addAll(batch.events());
            return true;
        }
        if (!batch.events().isEmpty()) {
            progress.clear();
            human.events(batch.events());
        }
        // Whoever listened may have gone, such as head.
        return !io.out().checkError();
    }

    private void warn(
            PcapRun capture, BpfProgram program, Bounded<String> trace, Bounded<Event> events) {
        int linkType = capture.linkType();
        if (linkType > ETHERNET && "xdp".equals(program.info().type())) {
            io.say(
                    "ebpf-run: warning: the capture has link type "
                            + linkType
                            + ", its packets do not start with an Ethernet header");
        }
        if (trace.dropped() + events.dropped() > 0) {
            io.say(
                    "ebpf-run: warning: left out "
                            + trace.dropped()
                            + " lines of trace and "
                            + events.dropped()
                            + " events, as there were more than fit in one object");
        }
    }

    private static long size(String name) {
        try {
            Path path = Path.of(name);
            return Files.isRegularFile(path) ? Files.size(path) : -1;
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }
}
