package org.trufflebpf.interop;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Idempotent;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.CachedLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.nodes.ExplodeLoop;

import org.trufflebpf.EbpfLanguage;
import org.trufflebpf.EbpfThread;
import org.trufflebpf.LoadedObject;
import org.trufflebpf.context.ArgsContext;
import org.trufflebpf.context.Packet;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.context.RunOutput;
import org.trufflebpf.context.XdpContext;
import org.trufflebpf.counterexample.Search;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.nodes.BoundProgram;
import org.trufflebpf.nodes.EntryNode;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.nodes.ProgramRunner;
import org.trufflebpf.nodes.RunResult;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.runtime.Event;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.Verdict;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A program of an opened object. Members: {@code name}, {@code section}, {@code type}, {@code
 * attachType}, {@code attachTarget}, {@code sleepable}, {@code autoload}, {@code insnCount};
 * methods {@code load()}, {@code verify(logLevel)}, {@code counterexample(tries, seed)}, {@code
 * disassemble(withSource)}, {@code run(spec)}, {@code runBatch(packets)}, {@code runBatch(buffer,
 * lengths)}, {@code runBatch(in, count, out)}. Executable with the bytes of a packet, or with
 * numbers.
 */
@ExportLibrary(InteropLibrary.class)
public final class ProgramValue extends Members {
    private static final List<String> NAMES =
            List.of(
                    "name",
                    "section",
                    "type",
                    "attachType",
                    "attachTarget",
                    "sleepable",
                    "autoload",
                    "insnCount",
                    "load",
                    "verify",
                    "counterexample",
                    "disassemble",
                    "run",
                    "runBatch");

    private static final long[] NO_STEPS = {};

    private final Opened opened;
    private final LoadedObject object;
    private final LoadableProgram program;
    private final boolean takesArguments;
    private final boolean takesPacket;

    ProgramValue(Opened opened, LoadableProgram program) {
        this.opened = opened;
        this.object = opened.object();
        this.program = program;
        ProgramType type = program.spec().type();
        this.takesArguments = ProgramContexts.of(type) instanceof ArgsContext;
        this.takesPacket = type == ProgramType.XDP;
    }

    LoadableProgram program() {
        return program;
    }

    @Override
    Object identity() {
        return program;
    }

    @Override
    String display() {
        return "program " + program.spec().name();
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        ProgramSpec spec = program.spec();
        return switch (name) {
            case "name" -> spec.name();
            case "section" -> NullValue.orNull(spec.section());
            case "type" -> spec.type().label();
            case "attachType" -> NullValue.orNull(attachType(spec));
            case "attachTarget" -> NullValue.orNull(spec.attachTarget());
            case "sleepable" -> spec.sleepable();
            case "autoload" -> spec.autoload();
            case "insnCount" -> spec.insns().isEmpty() ? 0 : spec.insns().getLast().next();
            case "load" ->
                    new MethodValue(
                            0,
                            0,
                            arguments -> {
                                object.load(program);
                                return NullValue.INSTANCE;
                            });
            case "verify" ->
                    new MethodValue(
                            0,
                            1,
                            arguments ->
                                    Verdicts.verdict(
                                            object.verify(
                                                    program,
                                                    arguments.length == 0
                                                            ? 0
                                                            : (int)
                                                                    Arguments.number(
                                                                            arguments, 0))));
            case "counterexample" -> new MethodValue(1, 2, this::counterexample);
            case "disassemble" ->
                    new MethodValue(
                            0,
                            1,
                            arguments ->
                                    new ProgramText(object.spec(), spec)
                                            .listing(
                                                    arguments.length > 0
                                                            && Arguments.flag(arguments, 0)));
            case "run" -> new MethodValue(0, 1, this::run);
            case "runBatch" ->
                    new MethodValue(
                            1,
                            3,
                            arguments ->
                                    arguments.length == 3
                                            ? new PacketBatch(object, program).run(arguments)
                                            : new PacketSeries(object, program).run(arguments));
            default -> null;
        };
    }

    /** Searches for an input on which the program, if it is refused, faults: tries, seed. */
    private Object counterexample(Object[] arguments) throws UnsupportedTypeException {
        long tries = Arguments.number(arguments, 0);
        long seed = arguments.length > 1 ? Arguments.number(arguments, 1) : 1;
        Verdict verdict = object.verify(program, 0);
        if (verdict.accepted()) {
            return NullValue.INSTANCE;
        }
        return Verdicts.counterexample(
                Search.run(
                        object,
                        object.programs().indexOf(program),
                        verdict,
                        Math.clamp(tries, 0, Integer.MAX_VALUE),
                        seed));
    }

    private static String attachType(ProgramSpec spec) {
        AttachType row = AttachType.of(spec.attachType());
        return row == null ? null : row.label();
    }

    @ExportMessage
    boolean isExecutable() {
        return true;
    }

    /**
     * Runs once: over the bytes of a packet and a context, or, where the context is an array of
     * arguments, with numbers. The two usual cases compile into the caller.
     */
    @ExportMessage
    static class Execute {
        /** Numbers for a program whose context is an array of them. */
        @Specialization(
                guards = {
                    "program.takesArguments()",
                    "arguments.length == count",
                    "isArgumentCount(count)",
                    "program.isLoaded(target)"
                },
                limit = "3")
        @ExplodeLoop
        static Object numbers(
                ProgramValue program,
                Object[] arguments,
                @Cached("arguments.length") int count,
                @Cached("program.target()") CallTarget target,
                @Cached("create(target)") EntryNode entry,
                @CachedLibrary(limit = "3") InteropLibrary interop)
                throws UnsupportedTypeException, ArityException, UnsupportedMessageException {
            long[] numbers = new long[count];
            for (int i = 0; i < count; i++) {
                if (!interop.fitsInLong(arguments[i])) {
                    return program.slow(arguments);
                }
                numbers[i] = interop.asLong(arguments[i]);
            }
            EbpfThread thread = EbpfLanguage.thread(entry);
            if (thread.isBusy()) {
                return program.slow(arguments);
            }
            BoundProgram bound = program.program.loaded();
            Run run = EntryNode.begin(thread, bound);
            boolean clean = false;
            try {
                long context = ArgsContext.enterArguments(run, count);
                for (int i = 0; i < count; i++) {
                    run.memory().putLong(context + 8L * i, numbers[i]);
                }
                long r0 = entry.call(program.object.context(), bound, run, context);
                clean = run.isClean();
                return program.result(run, clean, r0, null);
            } catch (BpfException e) {
                throw error(e);
            } finally {
                thread.end(clean);
            }
        }

        /** The bytes of a packet for XDP. */
        @Specialization(
                guards = {
                    "program.takesPacket()",
                    "arguments.length == 1",
                    "program.isLoaded(target)"
                },
                limit = "3")
        static Object packet(
                ProgramValue program,
                Object[] arguments,
                @Cached("program.target()") CallTarget target,
                @Cached("create(target)") EntryNode entry,
                @Cached("create()") BytesNode bytes)
                throws UnsupportedTypeException, ArityException, UnsupportedMessageException {
            EbpfThread thread = EbpfLanguage.thread(entry);
            if (thread.isBusy()) {
                return program.slow(arguments);
            }
            int size = bytes.execute(thread, arguments[0]);
            if (!XdpContext.isPlain(size)) {
                return program.slow(arguments);
            }
            BoundProgram bound = program.program.loaded();
            Run run = EntryNode.begin(thread, bound);
            boolean clean = false;
            try {
                long context = XdpContext.enterPlain(run, thread.buffer(size), size);
                long r0 = entry.call(program.object.context(), bound, run, context);
                Packet packet = Packet.of(run);
                byte[] data = packet.bytes(packet.meta());
                clean = run.isClean();
                return program.result(run, clean, r0, data);
            } catch (BpfException e) {
                throw error(e);
            } finally {
                thread.end(clean);
            }
        }

        @Specialization(replaces = {"numbers", "packet"})
        static Object any(ProgramValue program, Object[] arguments)
                throws UnsupportedTypeException, ArityException, UnsupportedMessageException {
            return program.slow(arguments);
        }

        static EntryNode create(CallTarget target) {
            return new EntryNode(target);
        }

        @Idempotent
        static boolean isArgumentCount(int count) {
            return count > 0 && count <= ArgsContext.MAX_ARGS;
        }

        @TruffleBoundary
        private static EbpfError error(BpfException e) {
            return new EbpfError(e);
        }
    }

    boolean takesArguments() {
        return takesArguments;
    }

    boolean takesPacket() {
        return takesPacket;
    }

    /** Whether the program is loaded and has that entry. */
    @SuppressWarnings("ReferenceEquality")
    boolean isLoaded(CallTarget target) {
        BoundProgram bound = program.loaded();
        return bound != null && bound.entry() == target;
    }

    /** The entry of the program, loaded now if it was not yet. */
    @TruffleBoundary
    CallTarget target() {
        try {
            return program.load().entry();
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }

    /** The result of a run on the thread's own {@link Run}. */
    private Object result(Run run, boolean clean, long r0, byte[] data) {
        return clean ? new ResultValue(this, r0, data) : withTraces(run, r0, data);
    }

    @TruffleBoundary
    private Object withTraces(Run run, long r0, byte[] data) {
        return new ResultValue(
                this,
                RunResult.untimed(
                        new RunOutput((int) r0, r0, data, null),
                        List.copyOf(run.trace()),
                        List.copyOf(run.effects()),
                        run.printed()),
                1);
    }

    /** Any arguments, in the general way. */
    @TruffleBoundary
    private Object slow(Object[] arguments)
            throws UnsupportedTypeException, ArityException, UnsupportedMessageException {
        ProgramInput input = input();
        if (arguments.length > 0 && input.areArgs(arguments)) {
            return new MethodValue(
                            1,
                            ArgsContext.MAX_ARGS,
                            given -> result(input.ofArgs(given), NO_STEPS, false))
                    .execute(arguments);
        }
        return new MethodValue(
                        0,
                        2,
                        given ->
                                result(
                                        input.of(
                                                given.length > 0 ? given[0] : null,
                                                given.length > 1 ? given[1] : null),
                                        NO_STEPS,
                                        false))
                .execute(arguments);
    }

    ProgramInput input() {
        return new ProgramInput(opened, program.spec());
    }

    private Object run(Object[] arguments) {
        Object spec = arguments.length == 0 ? null : arguments[0];
        // a long series may send more than fits in a result
        boolean events = Arguments.isNull(spec) || Arguments.flag(spec, "events", true);
        long[] steps =
                Arguments.isNull(spec)
                        ? null
                        : Arguments.longs(Arguments.member(spec, "steps"), "steps");
        return result(input().ofSpec(spec), steps == null ? NO_STEPS : steps, events);
    }

    /**
     * Runs.
     *
     * @param steps by which the clock goes on afterwards
     * @param drain the events go into the result; else they stay in their maps
     */
    private Object result(RunInput input, long[] steps, boolean drain) {
        RunResult result = new ProgramRunner(object.context(), program).run(input, steps, drain);
        return new ResultValue(this, result, input.repeat());
    }

    static ListValue events(List<Event> events) {
        return new ListValue(
                events.stream()
                        .map(
                                event ->
                                        new RecordValue()
                                                .with("map", event.map())
                                                .with("cpu", event.cpu())
                                                .with("data", new BytesValue(event.data())))
                        .collect(Collectors.toList()));
    }
}
