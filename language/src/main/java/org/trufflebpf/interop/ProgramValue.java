package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.context.ArgsContext;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.counterexample.Search;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.nodes.ProgramRunner;
import org.trufflebpf.nodes.RunResult;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.runtime.Event;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.verifier.Verdict;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A program of an opened object. Members: {@code name}, {@code section}, {@code type}, {@code
 * attachType}, {@code attachTarget}, {@code sleepable}, {@code autoload}, {@code insnCount};
 * methods {@code load()}, {@code verify(logLevel)}, {@code counterexample(tries, seed)}, {@code
 * disassemble(withSource)}, {@code run(spec)}, {@code runBatch(in, count, out)}. Executable with
 * the bytes of a packet.
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

    ProgramValue(Opened opened, LoadableProgram program) {
        this.opened = opened;
        this.object = opened.object();
        this.program = program;
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
                            3, 3, arguments -> new PacketBatch(object, program).run(arguments));
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
     * arguments, with numbers.
     */
    @ExportMessage
    @TruffleBoundary
    Object execute(Object[] arguments)
            throws UnsupportedTypeException, ArityException, UnsupportedMessageException {
        ProgramInput input = new ProgramInput(opened, program.spec());
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

    private Object run(Object[] arguments) {
        Object spec = arguments.length == 0 ? null : arguments[0];
        // a long series may send more than fits in a result
        boolean events = Arguments.isNull(spec) || Arguments.flag(spec, "events", true);
        long[] steps =
                Arguments.isNull(spec)
                        ? null
                        : Arguments.longs(Arguments.member(spec, "steps"), "steps");
        return result(
                new ProgramInput(opened, program.spec()).ofSpec(spec),
                steps == null ? NO_STEPS : steps,
                events);
    }

    /**
     * Runs.
     *
     * @param steps by which the clock goes on afterwards
     * @param drain the events go into the result; else they stay in their maps
     */
    private Object result(RunInput input, long[] steps, boolean drain) {
        RunResult result = new ProgramRunner(object.context(), program).run(input, steps, drain);
        long retval = result.output().retval() & 0xffff_ffffL;
        String verdict = program.spec().type().verdict(result.output().retval());
        return new RecordValue()
                .with("value", retval)
                .with("name", verdict)
                .with("retval", retval)
                .with("r0", result.output().r0())
                .with("verdict", verdict)
                .with("data", BytesValue.orNull(result.output().dataOut()))
                .with("ctx", BytesValue.orNull(result.output().ctxOut()))
                .with(
                        "context",
                        new ProgramInput(opened, program.spec()).context(result.output().ctxOut()))
                .with("repeat", input.repeat())
                .with("meanNs", result.meanNanos())
                .with("minNs", result.minNanos())
                .with("medianNs", result.medianNanos())
                .with("trace", new ListValue(result.trace()))
                .with("events", events(result.events()))
                .with("effects", new ListValue(result.effects()))
                .with("callbacks", new ListValue(result.callbacks()))
                .with("printed", BytesValue.orNull(result.printed()));
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
