package org.trufflebpf.tck;

import static org.graalvm.polyglot.tck.TypeDescriptor.ANY;
import static org.graalvm.polyglot.tck.TypeDescriptor.BOOLEAN;
import static org.graalvm.polyglot.tck.TypeDescriptor.NUMBER;
import static org.graalvm.polyglot.tck.TypeDescriptor.STRING;
import static org.graalvm.polyglot.tck.TypeDescriptor.array;
import static org.graalvm.polyglot.tck.TypeDescriptor.union;

import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.tck.ResultVerifier.SnippetRun;
import org.graalvm.polyglot.tck.Snippet;
import org.graalvm.polyglot.tck.TypeDescriptor;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Statements: what is written to members of a struct and to maps. Each writes, and gives what is
 * there afterwards: a value that fits, and after a refusal the old value.
 */
final class Writes {
    /** A type also takes its bytes as they are. */
    private static final TypeDescriptor BYTES = array(NUMBER);

    private final Value object;
    private final Value all;
    private final List<Snippet> statements = new ArrayList<>();

    Writes(Value object) {
        this.object = object;
        this.all = object.getMember("globals").getMember("all");
    }

    List<Snippet> statements() {
        for (int bits = 8; bits <= 64; bits *= 2) {
            integer("u" + bits, bits, false);
            integer("s" + bits, bits, true);
        }
        bitField("bit", 1, false);
        bitField("level", 5, false);
        bitField("tilt", 7, true);
        field(
                "flag",
                union(BOOLEAN, NUMBER, BYTES),
                given -> given.isBoolean() || isInteger(given, 1, false) || isBytes(given, 1),
                (given, now) ->
                        now.isBoolean()
                                && (given.isBoolean()
                                        ? given.asBoolean() == now.asBoolean()
                                        : !given.isNumber()
                                                || given.asInt() == (now.asBoolean() ? 1 : 0)));
        field(
                "text",
                union(STRING, BYTES),
                given -> isText(given, 16) || isAtMost(given, 16),
                (given, now) -> !given.isString() || given.asString().equals(now.asString()));
        push("queue");
        push("stack");
        return statements;
    }

    private void integer(String field, int bits, boolean signed) {
        field(
                field,
                union(NUMBER, BYTES),
                given -> isInteger(given, bits, signed) || isBytes(given, bits / 8),
                Writes::isSame);
    }

    private void bitField(String field, int bits, boolean signed) {
        field(field, NUMBER, given -> isInteger(given, bits, signed), Writes::isSame);
    }

    private void field(
            String field,
            TypeDescriptor type,
            Predicate<Value> fits,
            BiPredicate<Value, Value> isThere) {
        Object before = all.getMember(field).as(Object.class);
        statement(
                field + " =",
                type,
                arguments -> {
                    all.putMember(field, arguments[0]);
                    Value now = all.getMember(field);
                    Object read = now.as(Object.class);
                    all.putMember(field, before);
                    return read;
                },
                run -> {
                    check(run, type, fits, isThere);
                    Verify.that(
                            before.equals(all.getMember(field).as(Object.class)), "the old value");
                });
    }

    private void push(String map) {
        Value target = object.getMember("maps").getMember(map);
        TypeDescriptor type = union(NUMBER, BYTES);
        statement(
                map + " push",
                type,
                arguments -> {
                    target.invokeMember("push", arguments[0]);
                    return target.invokeMember("pop");
                },
                run -> {
                    check(
                            run,
                            type,
                            given -> isInteger(given, 32, false) || isBytes(given, 4),
                            Writes::isSame);
                    Verify.that(target.invokeMember("peek").isNull(), "nothing to be left");
                });
    }

    private void statement(
            String id,
            TypeDescriptor type,
            ProxyExecutable statement,
            Consumer<SnippetRun> verifier) {
        statements.add(
                Snippet.newBuilder(id, object.getContext().asValue(statement), ANY)
                        .parameterTypes(type)
                        .resultVerifier(verifier::accept)
                        .build());
    }

    private static void check(
            SnippetRun run,
            TypeDescriptor type,
            Predicate<Value> fits,
            BiPredicate<Value, Value> isThere) {
        Value given = run.getParameters().getFirst();
        if (fits.test(given)) {
            Verify.succeeds(run);
            Verify.that(isThere.test(given, run.getResult()), given + " to be written");
        } else {
            Verify.refused(run, type);
        }
    }

    private static boolean isInteger(Value given, int bits, boolean signed) {
        return Verify.fits(Verify.integer(given), bits, signed);
    }

    /** Whether it is an array of so many bytes, which stands for any value of that size. */
    private static boolean isBytes(Value given, int size) {
        if (given.hasBufferElements()) {
            return given.getBufferSize() == size;
        }
        return given.hasArrayElements() && given.getArraySize() == size && Verify.areBytes(given);
    }

    /** Whether it is an array of no more elements; those that are missing are zero. */
    private static boolean isAtMost(Value given, int size) {
        return given.hasArrayElements() && given.getArraySize() <= size && Verify.areBytes(given);
    }

    private static boolean isText(Value given, int size) {
        return given.isString() && given.asString().getBytes(StandardCharsets.UTF_8).length <= size;
    }

    /** Whether the number is there that was written; of bytes only that they were taken. */
    private static boolean isSame(Value given, Value now) {
        BigInteger number = Verify.integer(given);
        return number == null || number.equals(Verify.integer(now));
    }
}
