package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What a run gave.
 *
 * @param value the return value: the low 32 bits of r0, unsigned
 * @param r0 all 64 bits
 * @param name what the program type calls that value, such as {@code XDP_DROP}, or {@code null}
 * @param data the packet afterwards, {@code null} for program types without one
 * @param ctx the context afterwards, {@code null} where the type gives none back
 * @param trace what the program printed, a line each
 * @param events what it sent through ring buffers and perf event arrays
 * @param nanos mean time of one repetition
 */
@SuppressWarnings("ArrayRecordComponent")
public record BpfResult(
        long value,
        long r0,
        String name,
        byte[] data,
        byte[] ctx,
        List<String> trace,
        List<BpfEvent> events,
        double nanos) {

    static BpfResult of(Value result) {
        return new BpfResult(
                result.getMember("retval").asLong(),
                result.getMember("r0").asLong(),
                result.getMember("verdict").asString(),
                Bytes.of(result.getMember("data")),
                Bytes.of(result.getMember("ctx")),
                trace(result),
                events(result),
                result.getMember("meanNs").asDouble());
    }

    static List<String> trace(Value result) {
        return elements(result.getMember("trace")).map(Value::asString).toList();
    }

    static List<BpfEvent> events(Value result) {
        return elements(result.getMember("events"))
                .map(
                        event ->
                                new BpfEvent(
                                        event.getMember("map").asString(),
                                        event.getMember("cpu").asInt(),
                                        Bytes.of(event.getMember("data"))))
                .toList();
    }

    private static Stream<Value> elements(Value array) {
        return LongStream.range(0, array.getArraySize()).mapToObj(array::getArrayElement);
    }
}
