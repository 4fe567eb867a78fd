package org.trufflebpf.tck;

import static org.graalvm.polyglot.tck.TypeDescriptor.NUMBER;
import static org.graalvm.polyglot.tck.TypeDescriptor.OBJECT;

import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.tck.ResultVerifier.SnippetRun;
import org.graalvm.polyglot.tck.Snippet;
import org.graalvm.polyglot.tck.TypeDescriptor;

import java.math.BigInteger;
import java.util.List;
import java.util.function.LongBinaryOperator;

/** The programs of {@code values.o} as expressions: executables that give a result. */
final class Programs {
    private static final TypeDescriptor BYTES = TypeDescriptor.array(NUMBER);

    /** Bytes of an Ethernet header, without which there is no packet. */
    private static final int SHORTEST = 14;

    private final Value object;

    Programs(Value object) {
        this.object = object;
    }

    Value program(String name) {
        return object.getMember("programs").getMember(name);
    }

    Snippet identity() {
        return Snippet.newBuilder("identity", program("identity"), OBJECT)
                .parameterTypes(NUMBER)
                .resultVerifier(run -> verify(run, (a, b) -> a))
                .build();
    }

    List<Snippet> expressions() {
        return List.of(
                identity(),
                binary("add", (a, b) -> a + b),
                binary("sub", (a, b) -> a - b),
                binary("div", (a, b) -> b == 0 ? 0 : Long.divideUnsigned(a, b)),
                binary("and", (a, b) -> a & b),
                binary("shl", (a, b) -> a << b),
                binary("less", (a, b) -> Long.compareUnsigned(a, b) < 0 ? 1 : 0),
                Snippet.newBuilder("count", program("count"), OBJECT)
                        .parameterTypes(BYTES)
                        .resultVerifier(Programs::verifyCount)
                        .build());
    }

    private Snippet binary(String name, LongBinaryOperator meaning) {
        return Snippet.newBuilder(name, program(name), OBJECT)
                .parameterTypes(NUMBER, NUMBER)
                .resultVerifier(run -> verify(run, meaning))
                .build();
    }

    /** Arguments of 64 bits give the result, all others are refused. */
    private static void verify(SnippetRun run, LongBinaryOperator meaning) {
        List<BigInteger> arguments = run.getParameters().stream().map(Verify::integer).toList();
        if (!arguments.stream().allMatch(Verify::fitsRegister)) {
            Verify.refused(run, NUMBER, NUMBER);
            return;
        }
        Verify.succeeds(run);
        long expected =
                meaning.applyAsLong(
                        arguments.getFirst().longValue(), arguments.getLast().longValue());
        Verify.that(run.getResult().getMember("r0").asLong() == expected, "r0 to be " + expected);
    }

    /** A packet of at least one byte is counted. */
    private static void verifyCount(SnippetRun run) {
        Value packet = run.getParameters().getFirst();
        if (!BYTES.isAssignable(TypeDescriptor.forValue(packet))) {
            Verify.refused(run, BYTES);
            return;
        }
        if (packet.getArraySize() < SHORTEST || !Verify.areBytes(packet)) {
            Verify.refused(run, BYTES);
            return;
        }
        Verify.succeeds(run);
        String verdict = run.getResult().getMember("name").asString();
        Verify.that(verdict.startsWith("XDP_"), "a verdict, but there is " + verdict);
    }
}
