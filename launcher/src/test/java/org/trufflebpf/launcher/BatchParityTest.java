package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The cases of the language's fixtures, whose results were taken from the kernel, through {@code
 * --batch}: what a user of the JSON contract gets is what the kernel gives.
 */
class BatchParityTest {
    private static final Path FIXTURES = Path.of("..", "language", "src", "test", "fixtures");

    private static final List<String> UNSUPPORTED = List.of("not implemented", "not supported");

    /** Preparations of a case that a batch has no field for. */
    private static final List<String> NEED_MORE = List.of("init_maps", "init_programs", "attach");

    /** The JSON contract shows what it has to with these; the language's own tests run all. */
    private static final List<String> FOLDERS =
            List.of("apps", "calls", "helpers", "isa", "loader", "maps");

    /** What the language does not do as the kernel yet. */
    private static final Map<String, String> GAPS =
            Map.of(
                    "printk.json refused",
                            "text that is not UTF-8 is decoded with replacement characters",
                    "ksym.json run", "weak symbols of the kernel are not resolved");

    /** What the verifier says of programs that only {@code --no-verify} runs yet. */
    private static final String UNJUDGED = "this verifier cannot judge it yet";

    private record Case(String name, Map<?, ?> expect, String line) {}

    @TestFactory
    List<DynamicTest> batchGivesWhatTheKernelGave(@TempDir Path directory) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        Path kconfig = directory.resolve("config");
        for (String folder : FOLDERS) {
            try (Stream<Path> files = Files.list(FIXTURES.resolve(folder))) {
                for (Path file :
                        files.filter(one -> one.toString().endsWith(".json")).sorted().toList()) {
                    tests.addAll(run(file, kconfig));
                }
            }
        }
        return tests;
    }

    private static List<DynamicTest> run(Path file, Path kconfig) throws IOException {
        Map<String, Object> fixture = JsonText.object(Files.readString(file));
        List<Case> cases = cases(file, fixture);
        StringBuilder lines = new StringBuilder();
        cases.forEach(one -> lines.append(one.line).append('\n'));
        List<String> options = new ArrayList<>(List.of("--batch", "-"));
        if (fixture.get("btf") != null) {
            options.addAll(
                    List.of("--btf", file.resolveSibling((String) fixture.get("btf")).toString()));
        }
        if (fixture.get("environment") instanceof String environment) {
            options.addAll(List.of("--env", file.resolveSibling(environment).toString()));
        }
        if (fixture.get("kconfig") instanceof String settings) {
            Files.writeString(kconfig, settings);
            options.addAll(List.of("--kconfig", kconfig.toString()));
        }
        List<String> answers = answers(lines.toString(), options);
        if (answers.stream().anyMatch(answer -> answer.contains(UNJUDGED))) {
            options.add("--no-verify");
            answers = answers(lines.toString(), options);
        }
        assertEquals(cases.size(), answers.size());
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            Case one = cases.get(i);
            String answer = answers.get(i);
            String name = file.getFileName() + " " + one.name;
            tests.add(
                    DynamicTest.dynamicTest(
                            name,
                            () -> {
                                String gap = GAPS.get(name);
                                assumeTrue(gap == null, () -> "the language differs: " + gap);
                                compare(one, JsonText.object(answer));
                            }));
        }
        return tests;
    }

    private static List<String> answers(String lines, List<String> options) {
        return TestIo.runWith(lines, 0, options.toArray(String[]::new)).out().lines().toList();
    }

    private static List<Case> cases(Path file, Map<String, Object> fixture) {
        List<Case> cases = new ArrayList<>();
        for (Object element : (List<?>) fixture.get("cases")) {
            Map<?, ?> one = (Map<?, ?>) element;
            if (one.get("expect") == null || NEED_MORE.stream().anyMatch(one::containsKey)) {
                continue;
            }
            StringBuilder line =
                    new StringBuilder("{\"id\":\"").append(one.get("name")).append('"');
            line.append(",\"dump_maps\":true");
            append(line, "object", file.resolveSibling((String) fixture.get("object")));
            append(line, "program", one.get("program"));
            append(line, "data_in", one.get("data_in"));
            append(line, "ctx_in", one.get("ctx_in"));
            append(line, "type", fixture.get("load_type"));
            if (one.get("repeat") != null) {
                line.append(",\"repeat\":").append(one.get("repeat"));
            }
            cases.add(
                    new Case(
                            (String) one.get("name"),
                            (Map<?, ?>) one.get("expect"),
                            line.append('}').toString()));
        }
        return cases;
    }

    private static void append(StringBuilder line, String name, Object value) {
        if (value != null) {
            line.append(",\"").append(name).append("\":\"").append(value).append('"');
        }
    }

    private static void compare(Case one, Map<String, Object> answer) {
        String text = one.name + ": " + answer;
        assertEquals(one.name, answer.get("id"));
        if (one.expect.containsKey("error") || one.expect.containsKey("load_error")) {
            assertTrue(answer.containsKey("error"), text);
            return;
        }
        assumeFalse(
                answer.get("error") instanceof Map<?, ?> error
                        && UNSUPPORTED.stream().anyMatch(error.get("message").toString()::contains),
                () ->
                        "the language cannot run it yet: "
                                + ((Map<?, ?>) answer.get("error")).get("message"));
        assertFalse(answer.containsKey("error"), text);
        Map<?, ?> run = (Map<?, ?>) ((List<?>) answer.get("runs")).getFirst();
        same(one, "retval", run.get("retval"));
        same(one, "data_out", run.get("data_out"));
        same(one, "ctx_out", run.get("ctx_out"));
        same(one, "trace", answer.get("trace"));
        same(one, "events", answer.get("events"));
        if (one.expect.get("globals") instanceof Map<?, ?> globals) {
            for (Map.Entry<?, ?> global : globals.entrySet()) {
                Map<?, ?> map = (Map<?, ?>) ((Map<?, ?>) answer.get("maps")).get(global.getKey());
                Map<?, ?> entry = (Map<?, ?>) ((List<?>) map.get("entries")).getFirst();
                assertEquals(
                        global.getValue(), entry.get("value"), one.name + ": " + global.getKey());
            }
        }
    }

    private static void same(Case one, String field, Object actual) {
        if (one.expect.containsKey(field)) {
            assertEquals(one.expect.get(field), actual, one.name + ": " + field);
        }
    }
}
