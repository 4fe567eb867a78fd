package org.trufflebpf.tck;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.tck.LanguageProvider;
import org.graalvm.polyglot.tck.Snippet;
import org.graalvm.polyglot.tck.TypeDescriptor;

import java.util.Collection;
import java.util.List;

/**
 * What the TCK is to know of eBPF. A BPF object is binary and has no expressions of its own: its
 * programs are the functions that other languages call, its maps and globals the values that they
 * read and write. So the values are those of {@code values.o}, the expressions are its programs,
 * the statements write to its maps and globals, and wrong syntax is a malformed object. There are
 * no inline scripts, because there is no text that a debugger could have evaluated.
 */
public final class EbpfLanguageProvider implements LanguageProvider {
    @Override
    public String getId() {
        return Sources.LANGUAGE;
    }

    /** A program that returns its argument; its result is a record whose {@code r0} it is. */
    @Override
    public Value createIdentityFunction(Context context) {
        return new Programs(Sources.values(context)).program("identity");
    }

    @Override
    public Snippet createIdentityFunctionSnippet(Context context) {
        return new Programs(Sources.values(context)).identity();
    }

    @Override
    public Collection<? extends Snippet> createValueConstructors(Context context) {
        return new Values(Sources.values(context)).constructors();
    }

    @Override
    public Collection<? extends Snippet> createExpressions(Context context) {
        return new Programs(Sources.values(context)).expressions();
    }

    @Override
    public Collection<? extends Snippet> createStatements(Context context) {
        return new Writes(Sources.values(context)).statements();
    }

    /** Sources as scripts: running one opens the object. */
    @Override
    public Collection<? extends Snippet> createScripts(Context context) {
        return List.of(
                script(context, "object", Sources.valuesSource()),
                script(context, "instructions", Sources.instructions()));
    }

    private static Snippet script(Context context, String id, Source source) {
        return Snippet.newBuilder(id, context.parse(source), TypeDescriptor.OBJECT)
                .resultVerifier(
                        run -> {
                            Verify.succeeds(run);
                            Verify.that(
                                    run.getResult().getMember("programs").getArraySize() > 0,
                                    "an object with programs");
                        })
                .build();
    }

    @Override
    public Collection<? extends Source> createInvalidSyntaxScripts(Context context) {
        return Sources.malformed();
    }
}
