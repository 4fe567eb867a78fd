package org.trufflebpf.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of the table and what every engine must compute with it: a row of {@code expected.txt}.
 *
 * @param name name of its source and object
 * @param input name of its input
 * @param result the return value
 * @param length bytes of the packet after one run
 * @param hash FNV-1a of those bytes
 */
record BenchProgram(String name, String input, long result, int length, long hash) {
    /** All rows. */
    static List<BenchProgram> all() {
        List<BenchProgram> programs = new ArrayList<>();
        String text = new String(resource("expected.txt"), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            if (line.startsWith("#") || line.isBlank()) {
                continue;
            }
            String[] columns = line.split("\\s+");
            programs.add(
                    new BenchProgram(
                            columns[0],
                            columns[1],
                            Long.parseLong(columns[2]),
                            Integer.parseInt(columns[3]),
                            Long.parseUnsignedLong(columns[4], 16)));
        }
        return programs;
    }

    /** {@code a}: pure compute; {@code b}: packets, maps, helpers. */
    char kind() {
        return name.charAt(0);
    }

    /** The name in tables: with the input, where a program has several. */
    String label() {
        return input.equals(name) || input.equals("pkt_tcp") ? name : name + " " + input;
    }

    /** Runs after which what a program sends to user space has to be taken away. */
    static int runsPerDrain(String program) {
        return switch (program) {
            case "b10_perf" -> 2_500;
            case "op_perf_output" -> 40;
            case "op_rb_output", "op_rb_reserve" -> 6_000;
            default -> 200_000;
        };
    }

    byte[] object() {
        return resource(name + ".o");
    }

    byte[] data() {
        return resource("inputs/" + input + ".mem");
    }

    /**
     * Holds a result to what it must be.
     *
     * @throws IllegalStateException if it is another
     */
    void check(String engine, long retval, byte[] data) {
        if (retval != result || data.length != length || fnv1a(data) != hash) {
            throw new IllegalStateException(
                    String.format(
                            "%s computes a wrong result for %s: %d and %d bytes with hash %016x,"
                                    + " expected %d and %d bytes with hash %016x",
                            engine,
                            label(),
                            retval,
                            data.length,
                            fnv1a(data),
                            result,
                            length,
                            hash));
        }
    }

    private static long fnv1a(byte[] bytes) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : bytes) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    static byte[] resource(String name) {
        try (InputStream stream = BenchProgram.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
