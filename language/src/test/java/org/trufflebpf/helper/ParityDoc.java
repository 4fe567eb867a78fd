package org.trufflebpf.helper;

import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.helper.HelperRow.State;
import org.trufflebpf.map.MapTypeRow;
import org.trufflebpf.map.MapTypeTable;
import org.trufflebpf.uapi.ProgramType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes {@code docs/parity.md}: of each map type, helper, kernel function and program type whether
 * it works, which class does it, and which fixture or test shows it. What shows it is looked up in
 * the tests' sources.
 */
final class ParityDoc {
    private static final String HEAD =
            """
            # Parity with the kernel

            This file is generated from the tables of the code and from the tests' sources; `DocumentsTest` holds it
            to them. The kernel is Linux 6.18. *Works* means as in the kernel but for the difference that is named;
            everything else is refused by name when a program that needs it is loaded, with the reason given here. A
            test of the form `group/name` is a fixture (`language/src/test/fixtures`), whose expectations were
            recorded from the kernel where it can show them; others are test classes. Of the kernel functions that are
            refused, `*` stands for any end of a name; what is not named here Linux 6.18 does not have.

            *Suite* is the number of programs of the parity suite that use a row: the fixtures' programs whose
            outcome was recorded from the kernel, %d in all. `FixtureTest` runs them here in three modes,
            `KernelParityTest` in the kernel again; return value, output, maps and events have to be the same.
            """;

    /** What differs from the kernel though it works; by the name in the table. */
    private static final Map<String, String> DIFFERENCES =
            Map.ofEntries(
                    Map.entry(
                            "bpf_sk_assign",
                            "a packet counts as coming in for `tcx/ingress` programs only"),
                    Map.entry("bpf_redirect_neigh", "names the interface and sends nothing"),
                    Map.entry("bpf_redirect_peer", "names the interface and sends nothing"),
                    Map.entry("bpf_redirect", "names the interface and sends nothing"),
                    Map.entry("bpf_clone_redirect", "names the interface and sends nothing"),
                    Map.entry("bpf_send_signal", "the signal is noted, not delivered"),
                    Map.entry("bpf_send_signal_thread", "the signal is noted, not delivered"),
                    Map.entry(
                            "bpf_override_return",
                            "sets the register of the result; the result is noted"),
                    Map.entry("bpf_msg_pull_data", "the message is always in one piece"),
                    Map.entry("bpf_msg_push_data", "the message is always in one piece"),
                    Map.entry("bpf_msg_pop_data", "the message is always in one piece"),
                    Map.entry("bpf_load_hdr_opt", "no SYN is saved"),
                    Map.entry(
                            "bpf_tcp_gen_syncookie",
                            "no listener's queue overflows: always -ENOENT for valid input"),
                    Map.entry(
                            "bpf_tcp_check_syncookie",
                            "no listener's queue overflows: always -ENOENT for valid input"),
                    Map.entry("bpf_skc_to_unix_sock", "there are no such sockets: always NULL"),
                    Map.entry("bpf_skc_to_mptcp_sock", "there are no such sockets: always NULL"),
                    Map.entry("bpf_skb_get_xfrm_state", "no packet came through IPsec"),
                    Map.entry("bpf_fib_lookup", "no rules, no multipath; an MTU of a route counts"),
                    Map.entry("bpf_get_numa_node_id", "one node: always 0"));

    private static final Path TESTS = Path.of("src/test");

    private ParityDoc() {}

    static String text() {
        Map<String, String> sources = sources();
        ParitySuite suite = ParitySuite.read();
        StringBuilder out = new StringBuilder(HEAD.formatted(suite.size()));
        section(out, "Map types");
        for (MapTypeRow row : MapTypeTable.rows()) {
            String constant = "BPF_MAP_TYPE_" + row.type().name();
            row(
                    out,
                    row.type().label(),
                    row.isSupported(),
                    row.isSupported() ? owner(row.factory()) : "",
                    row.isSupported()
                            ? shown(sources, constant, "MapType\\." + row.type().name())
                            : "",
                    suite.ofMap(row.type().label()),
                    row.note() == null ? "" : row.note());
        }
        section(out, "Helpers");
        for (HelperRow row : HelperTable.rows()) {
            boolean works = row.state() != State.NONE;
            row(
                    out,
                    row.fullName(),
                    works,
                    row.state() == State.NODE ? "nodes" : works ? owner(row.function()) : "",
                    works ? shown(sources, row.fullName(), "\"" + row.name() + "[\" ]") : "",
                    suite.ofFunction(row.fullName()),
                    works
                            ? DIFFERENCES.getOrDefault(row.fullName(), "")
                            : HelperReasons.of(row.name()));
        }
        section(out, "Kernel functions");
        for (HelperRow row : KfuncTable.rows()) {
            row(
                    out,
                    row.fullName(),
                    true,
                    row.function() == null ? "nodes" : owner(row.function()),
                    shown(sources, row.fullName(), "\"" + row.fullName() + "\""),
                    suite.ofFunction(row.fullName()),
                    DIFFERENCES.getOrDefault(row.fullName(), ""));
        }
        for (String name : KfuncReasons.names()) {
            row(out, name, false, "", "", 0, KfuncReasons.of(name));
        }
        section(out, "Program types");
        for (ProgramType type : ProgramType.values()) {
            if (type != ProgramType.UNSPEC) {
                row(
                        out,
                        type.label(),
                        true,
                        ProgramContexts.of(type).getClass().getSimpleName(),
                        shown(
                                sources,
                                "\"type\" : \"" + type.label() + "\"",
                                "ProgramType\\." + type.name()),
                        suite.ofType(type.label()),
                        "");
            }
        }
        return out.toString();
    }

    private static void section(StringBuilder out, String title) {
        out.append("\n## ")
                .append(title)
                .append("\n\n| Name | State | Class | Test | Suite | Difference or reason |\n")
                .append("|---|---|---|---|---|---|\n");
    }

    private static void row(
            StringBuilder out,
            String name,
            boolean works,
            String owner,
            String test,
            int programs,
            String remark) {
        out.append(
                "| `%s` | %s | %s | %s | %s | %s |\n"
                        .formatted(
                                name,
                                works ? "works" : "refused",
                                owner.isEmpty() ? "" : "`" + owner + "`",
                                test.isEmpty() ? "" : "`" + test + "`",
                                programs == 0 ? "" : programs,
                                remark));
    }

    /** The class whose lambda or method a function is. */
    private static String owner(Object function) {
        String name = function.getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        String outer = lambda < 0 ? name : name.substring(0, lambda);
        return outer.substring(outer.lastIndexOf('.') + 1);
    }

    /** The tests' sources by the name that the table shows, fixtures first. */
    private static Map<String, String> sources() {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(TESTS)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                boolean fixture = file.startsWith(TESTS.resolve("fixtures"));
                if (fixture && (name.endsWith(".c") || name.endsWith(".json"))) {
                    String key =
                            TESTS.resolve("fixtures")
                                    .relativize(file)
                                    .toString()
                                    .replaceFirst("\\.[a-z]+$", "");
                    sources.merge("0" + key, read(file), String::concat);
                } else if (name.endsWith("Test.java") && !name.equals("DocumentsTest.java")) {
                    sources.put("1" + name.replace(".java", ""), read(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sources;
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    /** The first source with a word in C, else the first with a pattern in Java; empty if none. */
    private static String shown(Map<String, String> sources, String word, String java) {
        Pattern inC = Pattern.compile(Pattern.quote(word) + "(?![A-Za-z0-9_])");
        Pattern inJava = Pattern.compile(java);
        List<String> found = new ArrayList<>();
        sources.forEach(
                (name, text) -> {
                    Pattern wanted = name.startsWith("0") ? inC : inJava;
                    if (found.isEmpty() && wanted.matcher(text).find()) {
                        found.add(name.substring(1));
                    }
                });
        return found.isEmpty() ? "" : found.getFirst();
    }
}
