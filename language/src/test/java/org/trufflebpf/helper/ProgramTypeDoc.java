package org.trufflebpf.helper;

import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.helper.HelperRow.State;
import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes {@code docs/program-types.md} from the tables of program types, contexts and helpers. */
final class ProgramTypeDoc {
    private static final String HEAD =
            """
            # Program types

            This file is generated from `ProgramType`, `ProgramContexts` and `HelperTable`; `DocumentsTest` holds it
            to them.

            Where the kernel has a test run for a type (`BPF_PROG_TEST_RUN`), input and output follow it byte for
            byte, and what it refuses is refused. The only network interface is number 1. Helpers that are allowed but
            not implemented are *in italics*: a program that calls one is refused when it is loaded.

            ## Helpers of every type

            These %d helpers are open to every type but `lirc_mode2`:
            %s.
            """;

    private ProgramTypeDoc() {}

    static String text() {
        List<HelperRow> common =
                HelperTable.rows().stream()
                        .filter(
                                row ->
                                        row.types()
                                                .containsAll(
                                                        EnumSet.complementOf(
                                                                EnumSet.of(
                                                                        ProgramType.LIRC_MODE2))))
                        .toList();
        StringBuilder out = new StringBuilder(HEAD.formatted(common.size(), names(common)));
        for (ProgramType type : ProgramType.values()) {
            if (type != ProgramType.UNSPEC) {
                describe(out, type, Set.copyOf(common));
            }
        }
        return out.toString();
    }

    private static void describe(StringBuilder out, ProgramType type, Set<HelperRow> common) {
        out.append("\n## %d `%s`\n\n".formatted(type.number(), type.label()));
        out.append("- Context: %s\n".formatted(type.contextType()));
        out.append("- Input: %s\n".formatted(ProgramContexts.of(type).input()));
        List<String> verdicts = new ArrayList<>();
        for (int retval = -1; retval < 16; retval++) {
            if (type.verdict(retval) != null) {
                verdicts.add(retval + " " + type.verdict(retval));
            }
        }
        if (!verdicts.isEmpty()) {
            out.append("- Verdicts: %s\n".formatted(String.join(", ", verdicts)));
        }
        boolean lirc = type == ProgramType.LIRC_MODE2;
        List<HelperRow> more =
                HelperTable.rows().stream()
                        .filter(
                                row ->
                                        row.types().contains(type)
                                                && (lirc || !common.contains(row)))
                        .toList();
        String text = type == ProgramType.EXT ? "those of the program it extends" : names(more);
        out.append(
                "- Helpers%s: %s\n"
                        .formatted(lirc || type == ProgramType.EXT ? "" : " besides", text));
    }

    private static String names(List<HelperRow> rows) {
        return rows.isEmpty()
                ? "none"
                : rows.stream()
                        .map(
                                row ->
                                        row.state() == State.NONE
                                                ? "*" + escaped(row) + "*"
                                                : "`" + row.name() + "`")
                        .collect(Collectors.joining(", "));
    }

    private static String escaped(HelperRow row) {
        return row.name().replace("_", "\\_");
    }
}
