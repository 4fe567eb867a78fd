package org.trufflebpf.interop;

import org.trufflebpf.counterexample.Input;
import org.trufflebpf.counterexample.Search;
import org.trufflebpf.failure.Where;
import org.trufflebpf.verifier.Verdict;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What the verifier and the search for counterexamples say, as records. */
final class Verdicts {
    private Verdicts() {}

    static RecordValue verdict(Verdict verdict) {
        Verdict.Reason reason = verdict.reason();
        Where where = verdict.where();
        return new RecordValue()
                .with("accepted", verdict.accepted())
                .with("kind", reason == null ? null : reason.kind().name())
                .with("message", verdict.message())
                .with("text", reason == null ? null : reason.text())
                .with("instruction", reason == null ? null : reason.insn())
                .with("known", reason == null ? null : reason.known())
                .with("advice", reason == null ? null : reason.advice())
                .with("explanation", verdict.explanation())
                .with("function", reason == null ? null : where.program())
                .with("insn", verdict.insn())
                .with("source", reason == null ? null : where.source())
                .with("steps", verdict.steps())
                .with("states", verdict.states())
                .with("durationNs", verdict.durationNs())
                .with("log", verdict.log());
    }

    static RecordValue counterexample(Search.Result result) {
        RecordValue record =
                new RecordValue()
                        .with("tries", result.tries())
                        .with("found", result.input() != null);
        if (result.input() == null) {
            return record;
        }
        Input input = result.input();
        ListValue args =
                input.args() == null
                        ? null
                        : new ListValue(Arrays.stream(input.args()).boxed().toList());
        return record.with("fault", result.fault().getMessage())
                .with("insn", result.fault().where().insn())
                .with("data", BytesValue.orNull(input.data()))
                .with("ctx", BytesValue.orNull(input.ctx()))
                .with("args", args)
                .with(
                        "entries",
                        new ListValue(
                                input.entries().stream()
                                        .map(
                                                entry ->
                                                        new RecordValue()
                                                                .with("map", entry.map())
                                                                .with(
                                                                        "key",
                                                                        new BytesValue(entry.key()))
                                                                .with(
                                                                        "value",
                                                                        new BytesValue(
                                                                                entry.value())))
                                        .collect(Collectors.toList())));
    }
}
