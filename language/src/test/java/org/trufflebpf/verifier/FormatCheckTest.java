package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

/** Formats of bpf_snprintf, with as many arguments as they need, and with one less. */
class FormatCheckTest {
    @ParameterizedTest
    @CsvSource({
        "plain, 0, true",
        "100%%, 0, true",
        "%d, 1, true",
        "%d, 0, false",
        "%d %u %x %X %i, 5, true",
        "%d %u %x %X %i, 4, false",
        "%ld %llu, 2, true",
        "%llld, 1, false",
        "%05d %-8x, 2, true",
        "%#x, 1, false",
        "%.3d, 1, false",
        "%s, 1, true",
        "%sx, 1, false",
        "%c, 1, true",
        "%p, 1, true",
        "%px %pK, 2, true",
        "%pks, 1, true",
        "%pi4 %I6, 2, false",
        "%pi4 %pI6, 2, true",
        "%pi5, 1, false",
        "%z, 1, false",
        "%, 1, false",
        "'a\tb\n', 0, true",
    })
    void formatsAreThoseOfTheKernel(String format, int arguments, boolean valid) {
        byte[] bytes = ("xx" + format + "\0").getBytes(StandardCharsets.US_ASCII);
        assertEquals(valid, FormatCheck.isValid(bytes, 2, arguments));
    }
}
