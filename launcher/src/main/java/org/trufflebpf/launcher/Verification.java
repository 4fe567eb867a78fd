package org.trufflebpf.launcher;

import org.graalvm.polyglot.Source;
import org.trufflebpf.launcher.engine.BpfObject;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.Judgement;
import org.trufflebpf.launcher.engine.ProgramInfo;
import org.trufflebpf.launcher.engine.Session;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Programs that were verified and not run: {@code --verify-only}. */
record Verification(List<Row> rows) implements Answer {
    /**
     * What the verifier says of one program.
     *
     * @param counterexample what was found of that; {@code null} where it was not searched
     */
    record Row(ProgramInfo program, Judgement judgement, Counterexample counterexample) {}

    /** Searches for an input on which a refused program faults. */
    @FunctionalInterface
    interface CounterexampleSearch {
        Counterexample search(BpfProgram program) throws EbpfRunException;
    }

    /** Opens an object and verifies the program that {@code request} names, or all. */
    static Verification of(Session session, Source source, RunRequest request)
            throws EbpfRunException {
        BpfObject object = session.open(source);
        return of(
                object,
                request.program() == null ? List.of() : List.of(request.program()),
                request,
                0,
                null);
    }

    /**
     * Verifies programs of an object.
     *
     * @param names in the order to verify them; none for all
     * @param search searches for counterexamples to those that are refused; {@code null} for none
     */
    static Verification of(
            BpfObject object,
            List<String> names,
            RunRequest request,
            int logLevel,
            CounterexampleSearch search)
            throws EbpfRunException {
        Outcome.setGlobals(object, request);
        List<Row> rows = new ArrayList<>();
        for (BpfProgram program : chosen(object, names, request)) {
            Judgement judgement = program.verify(logLevel);
            boolean searched = search != null && !judgement.accepted() && judgement.insn() >= 0;
            rows.add(new Row(program.info(), judgement, searched ? search.search(program) : null));
        }
        return new Verification(rows);
    }

    private static List<BpfProgram> chosen(BpfObject object, List<String> names, RunRequest request)
            throws EbpfRunException {
        if (names.isEmpty()) {
            return Outcome.programs(object, request);
        }
        List<BpfProgram> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(Outcome.named(object, name, request));
        }
        return chosen;
    }

    boolean allAccepted() {
        return rows.stream().allMatch(row -> row.judgement().accepted());
    }

    @Override
    public void write(JsonReport report, RunRequest request) throws IOException {
        report.verdicts(request.object(), rows);
    }

    /** The logs, one behind the other, each with the program's name before it. */
    String log() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            text.append("verifier log of ").append(row.program().name()).append(":\n");
            text.append(row.judgement().log());
            text.append("end of the verifier log of ").append(row.program().name()).append("\n");
        }
        return text.toString();
    }

    /** A line for each program, then each refusal with what a person needs to mend it. */
    void print(Io io) {
        Table table = new Table("", "PROGRAM", "TYPE", "SECTION", "VERDICT", ">WALKED", ">TIME");
        for (Row row : rows) {
            table.row(
                    row.program().name(),
                    row.program().type(),
                    row.program().section() == null ? "" : row.program().section(),
                    row.judgement().accepted() ? "accept" : "reject",
                    Text.grouped(row.judgement().steps()),
                    Text.rounded(row.judgement().durationNs() / 1e6) + " ms");
        }
        io.out().print(table);
        for (Row row : rows) {
            if (!row.judgement().accepted()) {
                refusal(io, row);
            }
        }
    }

    private static void refusal(Io io, Row row) {
        Judgement judgement = row.judgement();
        io.out().println();
        io.out().println(Text.line(row.program().name()) + ": " + Text.line(judgement.message()));
        String function = judgement.function();
        if (function != null && !function.equals(row.program().name())) {
            line(io, "function", function);
        }
        line(io, "source", judgement.source());
        line(
                io,
                "insn",
                judgement.insn() < 0
                        ? null
                        : judgement.instruction().isEmpty()
                                ? Integer.toString(judgement.insn())
                                : judgement.insn() + ": " + judgement.instruction());
        line(io, "known", judgement.known());
        line(io, "mend", judgement.advice());
        if (row.counterexample() != null) {
            io.out().println("  shown by: " + Text.clean(row.counterexample().describe()));
        }
    }

    private static void line(Io io, String label, String text) {
        if (text != null && !text.isEmpty()) {
            io.out()
                    .println(
                            "  " + label + ": " + " ".repeat(8 - label.length()) + Text.line(text));
        }
    }
}
