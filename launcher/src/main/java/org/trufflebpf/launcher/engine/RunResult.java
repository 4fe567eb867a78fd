package org.trufflebpf.launcher.engine;

import java.util.List;

/**
 * What a run left behind.
 *
 * @param retval the return value, unsigned 32 bits
 * @param r0 all 64 bits of register 0
 * @param verdict the return value's name, or {@code null}
 * @param data the packet, or {@code null}
 * @param ctx the context struct, or {@code null}
 * @param fields the context struct by its fields, a tree of maps, lists and numbers, or {@code
 *     null}
 * @param printed what an iterator printed, or {@code null}
 * @param stdout what it wrote to its stream of that name, or {@code null}
 * @param stderr likewise
 * @param callbacks for each step of the clock how many timers ran
 * @param meanNs nanoseconds per run, as are {@code minNs} and {@code medianNs}
 * @param trace the lines that the program printed
 * @param events the records that it sent to user space
 */
@SuppressWarnings("ArrayRecordComponent")
public record RunResult(
        long retval,
        long r0,
        String verdict,
        byte[] data,
        byte[] ctx,
        Object fields,
        byte[] printed,
        byte[] stdout,
        byte[] stderr,
        List<Long> callbacks,
        long repeat,
        double meanNs,
        double minNs,
        double medianNs,
        List<String> trace,
        List<Event> events) {}
