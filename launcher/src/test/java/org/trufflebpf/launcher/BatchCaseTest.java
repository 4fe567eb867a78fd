package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.launcher.engine.EbpfRunException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Lines of a batch, good and bad. */
class BatchCaseTest {

    private static BatchCase parse(String line) throws IOException {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return BatchCase.parse(bytes, bytes.length);
    }

    private static RunRequest request(String line, String... options)
            throws IOException, EbpfRunException {
        return parse(line).request(RunRequest.of(Options.parse(options), null, null));
    }

    private static String refusal(String line) {
        return assertThrows(EbpfRunException.class, () -> request(line)).getMessage();
    }

    @Test
    void everyField() throws IOException, EbpfRunException {
        RunRequest request =
                request(
                        "{\"object\":\"x.o\",\"program\":\"p\",\"type\":\"xdp\",\"data_in\":\"00ff\",\"ctx_in\":\"\","
                            + "\"repeat\":5,\"dump_maps\":true,\"id\":1}");
        assertEquals("x.o", request.object());
        assertEquals("p", request.program());
        assertEquals("xdp", request.language().get("ebpf.ProgramType"));
        assertArrayEquals(new byte[] {0, -1}, request.spec().data());
        assertArrayEquals(new byte[0], request.spec().ctx());
        assertEquals(5, request.spec().repeat());
        assertTrue(request.dumpMaps());
    }

    @Test
    void missingFieldsAreThoseOfTheCommandLine() throws IOException, EbpfRunException {
        RunRequest request =
                request("{\"program\":null}", "--repeat", "7", "--dump-maps", "x.o", "q");
        assertEquals("x.o", request.object());
        assertEquals("q", request.program());
        assertNull(request.spec().data());
        assertEquals(7, request.spec().repeat());
        assertTrue(request.dumpMaps());
        assertFalse(request("{\"dump_maps\":false}", "--dump-maps", "x.o").dumpMaps());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "-0.5",
                "1.0",
                "12345678901234567890123",
                "\"a\\\"b\"",
                "null",
                "true",
                "[1,{\"a\":[]}]",
                "{\"k\":\"v\"}"
            })
    void idComesBackAsItIs(String id) throws IOException {
        assertEquals(id, parse("{\"id\": " + id + ", \"object\": 3}").id());
        assertEquals(id, parse("{\"object\": [1, {}], \"id\": " + id + "}").id());
    }

    @Test
    void unknownFieldsAreNamedAndPassedOver() throws IOException {
        BatchCase parsed = parse("{\"objekt\":{\"id\":9},\"id\":1,\"x\":[1]}");
        assertEquals(List.of("objekt", "x"), parsed.unknownFields());
        assertEquals("1", parsed.id());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"object\":1};object: expected a string",
                "{\"data_in\":\"0\"};data_in: expected pairs of hex digits",
                "{\"data_in\":[1]};data_in: expected a string of hex digits",
                "{\"repeat\":0};repeat: expected a whole number from 1 to 2147483647",
                "{\"repeat\":99999999999999999999};repeat: expected a whole number from 1 to"
                        + " 2147483647",
                "{\"repeat\":1.5};repeat: expected a whole number from 1 to 2147483647",
                "{\"dump_maps\":1};dump_maps: expected true or false",
                "{};object: expected the name of an object file",
                "[];expected a JSON object in each line",
                "3;expected a JSON object in each line",
                "{} {};expected one JSON object in each line, and nothing after it",
            })
    void wrongFieldsAreNamed(String line, String message) {
        assertEquals(message, refusal(line));
    }

    @Test
    void cutAtEveryByteIsAMessage() {
        String line =
                "{\"id\":[1,{\"a\":\"\\u20ac\"}],\"object\":\"x.o\",\"data_in\":\"00ff\",\"repeat\":5}";
        for (int length = 1; length < line.length(); length++) {
            assertFalse(refusal(line.substring(0, length)).isEmpty());
        }
    }

    @Test
    void deepNestingIsAMessage() {
        assertTrue(refusal("{\"id\":" + "[".repeat(100_000)).startsWith("not valid JSON"));
        assertTrue(refusal("{\"x\":" + "[".repeat(100_000)).startsWith("not valid JSON"));
    }

    @Test
    void bytesThatAreNoUtf8AreAMessage() throws IOException {
        byte[] line = {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'};
        BatchCase parsed = BatchCase.parse(line, line.length);
        assertThrows(
                EbpfRunException.class,
                () -> parsed.request(RunRequest.of(Options.parse(new String[0]), null, null)));
    }
}
