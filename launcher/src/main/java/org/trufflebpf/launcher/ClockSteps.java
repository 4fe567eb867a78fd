package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.EbpfRunException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The value of --clock: where the clock starts, and the steps by which it goes on after the run.
 */
final class ClockSteps {
    private static final Map<String, Long> UNITS =
            Map.of("ns", 1L, "us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L);

    private ClockSteps() {}

    /** What the language is told: {@code real} or nanoseconds; {@code null} without the option. */
    static String start(String value) throws EbpfRunException {
        if (value == null) {
            return null;
        }
        String first = value.split("\\+", 2)[0];
        return first.equals("real") ? first : Long.toString(nanos(first, value));
    }

    /** The steps in nanoseconds. */
    static List<Long> steps(String value) throws EbpfRunException {
        List<Long> steps = new ArrayList<>();
        String[] parts = value == null ? new String[0] : value.split("\\+", -1);
        for (int i = 1; i < parts.length; i++) {
            steps.add(nanos(parts[i], value));
        }
        return steps;
    }

    private static long nanos(String part, String value) throws EbpfRunException {
        int digits = 0;
        while (digits < part.length() && Character.digit(part.charAt(digits), 10) >= 0) {
            digits++;
        }
        String unit = part.substring(digits);
        Long factor = unit.isEmpty() ? Long.valueOf(1) : UNITS.get(unit);
        try {
            if (factor != null) {
                return Math.multiplyExact(Long.parseLong(part.substring(0, digits)), factor);
            }
            return unit.startsWith("x") ? Long.decode(part) : fail(part, value);
        } catch (ArithmeticException | NumberFormatException e) {
            return fail(part, value);
        }
    }

    private static long fail(String part, String value) throws EbpfRunException {
        throw EbpfRunException.usage(
                "--clock: '"
                        + part
                        + "' in '"
                        + value
                        + "' is no time; expected real or nanoseconds, then steps such as +500ms or"
                        + " +2s");
    }
}
