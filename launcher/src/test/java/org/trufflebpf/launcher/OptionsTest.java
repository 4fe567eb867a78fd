package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.launcher.engine.EbpfRunException;

import java.util.List;
import java.util.Map;

/** The command line, taken apart. */
class OptionsTest {

    private static Options parse(String... args) throws EbpfRunException {
        return Options.parse(args);
    }

    private static String refusal(String... args) {
        return assertThrows(EbpfRunException.class, () -> RunRequest.of(parse(args), null, null))
                .getMessage();
    }

    @Test
    void valuesStandBehindAnOptionOrInIt() throws EbpfRunException {
        Options options = parse("--repeat", "3", "--cpus=2", "--json", "x.o", "prog");
        assertEquals(3, options.number(Option.REPEAT, 1, 10, 1));
        assertEquals(2, options.number(Option.CPUS, 1, 10, 1));
        assertTrue(options.has(Option.JSON));
        assertEquals("x.o", options.object());
        assertEquals("prog", options.program());
    }

    @Test
    void furtherObjectsAreThoseThatEndInO() throws EbpfRunException {
        Options options = parse("x.o", "prog", "y.o", "z.o");
        assertEquals("x.o", options.object());
        assertEquals(List.of("y.o", "z.o"), options.linkedObjects());
        assertEquals("prog", options.program());
    }

    @Test
    void lastValueCountsAndRepeatableOnesAddUp() throws EbpfRunException {
        Options options =
                parse(
                        "--seed",
                        "1",
                        "--seed",
                        "2",
                        "--map",
                        "a",
                        "1=2",
                        "--map",
                        "b",
                        "3=4",
                        "--set=x=1",
                        "--set",
                        "y=2");
        assertEquals("2", options.value(Option.SEED));
        assertEquals(List.of("a", "1=2", "b", "3=4"), options.all(Option.MAP));
        assertEquals(List.of("x=1", "y=2"), options.all(Option.SET));
    }

    @Test
    void twoDashesEndTheOptions() throws EbpfRunException {
        Options options = parse("--", "--list");
        assertEquals("--list", options.object());
        assertNull(options.program());
    }

    @Test
    void keysAndValuesSplitOutsideOfBraces() throws EbpfRunException {
        RunRequest request =
                RunRequest.of(
                        parse(
                                "--map",
                                "m",
                                "{a=1,b=[2]}={c=3}",
                                "--map",
                                "m",
                                "\"x=y\"=1",
                                "--set",
                                "g = a=b"),
                        null,
                        null);
        assertEquals(List.of("m", "{a=1,b=[2]}", "{c=3}", "m", "\"x=y\"", "1"), request.entries());
        assertEquals(List.of("g", "a=b"), request.globals());
    }

    @Test
    void languageOptionsAreThoseThatWereGiven() throws EbpfRunException {
        assertEquals(
                Map.of("ebpf.Verify", "true"), RunRequest.of(parse("x.o"), null, null).language());
        assertEquals(
                Map.of("ebpf.Verify", "false"),
                RunRequest.of(parse("x.o", "--no-verify"), null, null).language());
        RunRequest request =
                RunRequest.of(
                        parse(
                                "--clock",
                                "12",
                                "--max-memory",
                                "64M",
                                "--seed=-1",
                                "--type",
                                "xdp",
                                "--trace",
                                "--json"),
                        null,
                        null);
        assertEquals("12", request.language().get("ebpf.Clock"));
        assertEquals("67108864", request.language().get("ebpf.MaxMemory"));
        assertEquals("-1", request.language().get("ebpf.Seed"));
        assertEquals("xdp", request.language().get("ebpf.ProgramType"));
        assertEquals("true", request.language().get("ebpf.TraceInsns"));
        assertEquals("false", request.language().get("ebpf.PrintTrace"));
    }

    /** As every command line does: the program may stand behind options. */
    @Test
    void argumentsMayStandBetweenOptions() throws EbpfRunException {
        Options options = parse("--seed", "1", "a.o", "--cpu", "0", "b.o", "--json", "main");
        assertEquals("a.o", options.object());
        assertEquals(List.of("b.o"), options.linkedObjects());
        assertEquals(List.of("main"), options.programs());
    }

    @Test
    void refusals() {
        assertEquals("unknown option '--lists'; did you mean --list?", refusal("--lists"));
        assertEquals("unknown option '--dump'; did you mean --dump-maps?", refusal("--dump"));
        assertEquals("unknown option '-x'; see ebpf-run --help", refusal("-x"));
        assertEquals("--repeat needs a value: --repeat N", refusal("--repeat"));
        assertEquals("--map needs a value: --map NAME KEY=VALUE", refusal("--map", "m"));
        assertEquals("--map needs a value: --map NAME KEY=VALUE", refusal("--map=m"));
        assertEquals(
                "option '--json' should be specified without '1' parameter; see ebpf-run --help",
                refusal("--json=1"));
        assertEquals(
                "unexpected argument 'c': expected prog.o [more.o...] [program]; see ebpf-run"
                        + " --help",
                refusal("a", "b", "c"));
        assertEquals("--map: '1' has no = between key and value", refusal("--map", "m", "1"));
        assertEquals("--set: '=1' has no = between name and value", refusal("--set", "=1"));
        assertEquals(
                "two programs to run, 'p' and 'q': expected one",
                refusal("x.o", "q", "--prog", "p"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", "", "99999999999999999999", "1.5"})
    void repeatIsAPositiveNumber(String text) {
        assertTrue(
                refusal("--repeat", text)
                        .startsWith("--repeat: '" + text + "' is no whole number from 1 to"));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "64K,65536", "2m,2097152", "1G,1073741824"})
    void sizes(String text, long bytes) throws EbpfRunException {
        assertEquals(bytes, parse("--max-memory", text).size(Option.MAX_MEMORY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "K", "", "1T", "9999999999999G", "1.5M"})
    void sizesThatAreNone(String text) {
        assertTrue(refusal("--max-memory", text).contains("is no size"));
    }

    @Test
    void virtualCpuIsOneOfThem() {
        assertTrue(refusal("--cpus", "2", "--cpu", "2").contains("from 0 to 1"));
    }
}
