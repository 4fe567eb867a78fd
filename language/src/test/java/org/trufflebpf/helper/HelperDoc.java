package org.trufflebpf.helper;

import org.trufflebpf.helper.HelperRow.Effect;
import org.trufflebpf.helper.HelperRow.State;
import org.trufflebpf.uapi.ProgramType;

import java.util.List;
import java.util.stream.Collectors;

/** Writes {@code docs/helpers.md} from the tables of helpers and kernel functions. */
final class HelperDoc {
    private static final String HEAD =
            """
            # Helpers and kernel functions

            This file is generated from `HelperTable` and `KfuncTable`; `DocumentsTest` holds it to them.

            All %d helpers of Linux 6.18; %d of them are implemented. A program that calls another one is refused
            when it is loaded, by the helper's name; so is one whose type may not call a helper.

            Arguments and results are in the kernel's words (`struct bpf_func_proto`): `MEM` is memory whose size is
            the next argument, `MEM=8` memory of 8 bytes; `NULL` may be NULL, `RDONLY` is only read, `WRITE` is
            written, `UNINIT` needs no contents before. *GPL*: needs a GPL-compatible license. *Packet*: may move the
            packet, so that pointers into it are void afterwards. *Sleeps*: for sleepable programs. *Calls*: calls a
            function of the program. *Types* is the number of program types that may call it; which they are stands in
            [program-types.md](program-types.md).

            ## Helpers

            | # | Name | State | Arguments | Result | Effects | Types |
            |---|---|---|---|---|---|---|
            """;

    private HelperDoc() {}

    static String text() {
        List<HelperRow> rows = HelperTable.rows();
        long implemented = rows.stream().filter(row -> row.state() != State.NONE).count();
        StringBuilder out = new StringBuilder(HEAD.formatted(rows.size(), implemented));
        for (HelperRow row : rows) {
            out.append(
                    "| %d | `%s` | %s | %s | %s | %s | %d |\n"
                            .formatted(
                                    row.number(),
                                    row.fullName(),
                                    row.state() == State.NONE ? "refused" : "implemented",
                                    arguments(row),
                                    code(row.result().toString()),
                                    effects(row),
                                    row.types().stream()
                                            .filter(
                                                    type ->
                                                            type != ProgramType.UNSPEC
                                                                    && type != ProgramType.EXT)
                                            .count()));
        }
        out.append(
                "\n"
                    + "## Kernel functions\n\n"
                    + "Open to every program type. Any other is refused by name, with the reason"
                    + " that\n"
                    + "[parity.md](parity.md) gives.\n\n");
        out.append("| Name | Arguments | Result |\n|---|---|---|\n");
        for (HelperRow row : KfuncTable.rows()) {
            out.append(
                    "| `%s` | %s | %s |\n"
                            .formatted(
                                    row.fullName(), arguments(row), code(row.result().toString())));
        }
        return out.toString();
    }

    private static String arguments(HelperRow row) {
        return row.args().stream()
                .map(arg -> code(arg.toString()))
                .collect(Collectors.joining(", "));
    }

    static String code(String text) {
        return "`" + text.replace("|", " ") + "`";
    }

    private static String effects(HelperRow row) {
        StringBuilder text = new StringBuilder();
        append(text, row, Effect.GPL_ONLY, "GPL");
        append(text, row, Effect.CHANGES_PACKET, "packet");
        append(text, row, Effect.MIGHT_SLEEP, "sleeps");
        append(text, row, Effect.CALLS_BACK, "calls");
        return text.toString();
    }

    private static void append(StringBuilder text, HelperRow row, Effect effect, String word) {
        if (row.has(effect)) {
            text.append(text.isEmpty() ? "" : ", ").append(word);
        }
    }
}
