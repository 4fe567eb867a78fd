package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.trufflebpf.launcher.engine.EbpfRunException.Phase;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A program of an opened object; it is loaded by {@link #load} or its first run. */
public final class BpfProgram {
    private final Value value;
    private final ProgramInfo info;
    private PolyglotException fault;

    BpfProgram(Value value) {
        this.value = value;
        this.info =
                new ProgramInfo(
                        Values.text(value, "name"),
                        Values.text(value, "section"),
                        Values.text(value, "type"),
                        Values.text(value, "attachType"),
                        Values.text(value, "attachTarget"),
                        Values.flag(value, "sleepable"),
                        Values.flag(value, "autoload"),
                        Values.number(value, "insnCount", 0));
    }

    public ProgramInfo info() {
        return info;
    }

    /** Relocates and verifies the program, and creates the object's maps. */
    public void load() throws EbpfRunException {
        Failures.call(Phase.LOAD, () -> value.invokeMember("load"));
    }

    /**
     * Judges the program without loading it. One that cannot be relocated is refused.
     *
     * @param logLevel of the log, as {@code --verifier-log}
     */
    public Judgement verify(int logLevel) throws EbpfRunException {
        try {
            return Failures.call(
                    Phase.LOAD, () -> Judgement.of(value.invokeMember("verify", logLevel)));
        } catch (EbpfRunException e) {
            if (e.phase() == Phase.USAGE) {
                throw e;
            }
            return Judgement.unloadable(e);
        }
    }

    /**
     * Searches for an input on which the program, which is refused, faults where it is refused.
     *
     * @param tries inputs to run at the most
     */
    public Found counterexample(int tries, long seed) throws EbpfRunException {
        return Failures.call(
                Phase.RUN, () -> Found.of(value.invokeMember("counterexample", tries, seed)));
    }

    /** The program as text, in the form of llvm-objdump. */
    public String disassemble() throws EbpfRunException {
        return Failures.call(Phase.LOAD, () -> value.invokeMember("disassemble", true).asString());
    }

    public RunResult run(RunSpec spec) throws EbpfRunException {
        return Failures.call(Phase.RUN, () -> result(value.invokeMember("run", spec.toProxy())));
    }

    /**
     * Runs the program on {@code count} packets.
     *
     * @param in direct and little-endian: per packet u32 length, then its bytes
     * @param out receives per packet u32 return value, u32 length, bytes; or {@code null}
     */
    public BatchResult runBatch(ByteBuffer in, int count, ByteBuffer out) throws EbpfRunException {
        return Failures.call(
                Phase.RUN,
                () -> {
                    if (fault != null) {
                        throw fault;
                    }
                    Value result = value.invokeMember("runBatch", in, count, out);
                    keepFault(Values.member(result, "error"));
                    return batchResult(result);
                });
    }

    /** A fault that ended a batch is told by the next call, after what was done before it. */
    private void keepFault(Value error) {
        if (error != null && error.isException()) {
            try {
                throw error.throwException();
            } catch (PolyglotException e) {
                fault = e;
            }
        }
    }

    private static RunResult result(Value result) {
        return new RunResult(
                Values.number(result, "retval", 0),
                Values.number(result, "r0", 0),
                Values.text(result, "verdict"),
                Values.bytes(result, "data"),
                Values.bytes(result, "ctx"),
                Values.tree(Values.member(result, "context")),
                Values.bytes(result, "printed"),
                Values.bytes(result, "stdout"),
                Values.bytes(result, "stderr"),
                Values.numbers(result, "callbacks"),
                Values.number(result, "repeat", 1),
                Values.real(result, "meanNs"),
                Values.real(result, "minNs"),
                Values.real(result, "medianNs"),
                Values.texts(result, "trace"),
                events(result));
    }

    private static BatchResult batchResult(Value result) {
        List<BatchResult.Count> verdicts = new ArrayList<>();
        Value array = Values.member(result, "verdicts");
        if (array != null) {
            for (long i = 0; i < array.getArraySize(); i++) {
                Value count = array.getArrayElement(i);
                verdicts.add(
                        new BatchResult.Count(
                                Values.number(count, "retval", 0),
                                Values.text(count, "verdict"),
                                Values.number(count, "packets", 0),
                                Values.number(count, "bytes", 0)));
            }
        }
        return new BatchResult(
                (int) Values.number(result, "done", 0),
                (int) Values.number(result, "inUsed", 0),
                (int) Values.number(result, "outUsed", 0),
                verdicts,
                Values.texts(result, "trace"),
                events(result));
    }

    private static List<Event> events(Value result) {
        Value array = Values.member(result, "events");
        if (array == null) {
            return List.of();
        }
        List<Event> events = new ArrayList<>();
        for (long i = 0; i < array.getArraySize(); i++) {
            Value event = array.getArrayElement(i);
            byte[] data = Values.bytes(event, "data");
            events.add(
                    new Event(
                            Values.text(event, "map"),
                            (int) Values.number(event, "cpu", 0),
                            data == null ? new byte[0] : data));
        }
        return events;
    }
}
