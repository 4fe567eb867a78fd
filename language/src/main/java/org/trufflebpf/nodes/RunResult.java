package org.trufflebpf.nodes;

import org.trufflebpf.context.RunOutput;
import org.trufflebpf.runtime.Event;
import org.trufflebpf.runtime.Printed;

import java.util.List;

/**
 * What a run gave.
 *
 * @param output return value, packet, context
 * @param meanNanos mean time of one repetition
 * @param minNanos the shortest repetition
 * @param medianNanos the median repetition
 * @param trace what the program printed, in order
 * @param events what it sent through perf event arrays and ring buffers, in order
 * @param effects what it did to the simulated environment, in words and in order
 * @param callbacks for each step of the clock behind the run how many callbacks ran
 * @param printed what it wrote as text
 */
public record RunResult(
        RunOutput output,
        double meanNanos,
        double minNanos,
        double medianNanos,
        List<String> trace,
        List<Event> events,
        List<String> effects,
        List<Integer> callbacks,
        Printed printed) {

    /** A single call, which nobody timed and which leaves its events in their buffers. */
    public static RunResult untimed(
            RunOutput output, List<String> trace, List<String> effects, Printed printed) {
        return new RunResult(
                output,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                trace,
                List.of(),
                effects,
                List.of(),
                printed);
    }
}
