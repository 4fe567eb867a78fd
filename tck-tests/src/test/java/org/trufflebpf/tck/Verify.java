package org.trufflebpf.tck;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.tck.ResultVerifier.SnippetRun;
import org.graalvm.polyglot.tck.TypeDescriptor;

import java.math.BigInteger;

/** What a snippet has to do with the values it got. */
final class Verify {
    private Verify() {}

    static void that(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("expected " + what);
        }
    }

    /** Whatever was wrong is thrown on. */
    static void succeeds(SnippetRun run) {
        if (run.getException() != null) {
            throw run.getException();
        }
    }

    /**
     * The run has to be refused, by an error of the guest or of wrong use. Where an argument is not
     * even of the snippet's type, the TCK wants to see that error again.
     */
    static void refused(SnippetRun run, TypeDescriptor... types) {
        PolyglotException error = run.getException();
        that(error != null, "to be refused: " + run.getParameters());
        that(!error.isInternalError(), "no internal error, but there is " + error);
        for (int i = 0; i < run.getParameters().size(); i++) {
            if (!types[i].isAssignable(TypeDescriptor.forValue(run.getParameters().get(i)))) {
                throw error;
            }
        }
    }

    /** The integer that a value is, {@code null} if it is none. */
    static BigInteger integer(Value value) {
        return value.isNumber() && value.fitsInBigInteger() ? value.asBigInteger() : null;
    }

    /** Whether an integer fits so many bits, as signed or unsigned ones. */
    static boolean fits(BigInteger number, int bits, boolean signed) {
        return number != null
                && (signed
                        ? number.bitLength() < bits
                        : number.signum() >= 0 && number.bitLength() <= bits);
    }

    /** Whether all elements of an array are bytes, signed or unsigned. */
    static boolean areBytes(Value array) {
        for (long i = 0; i < array.getArraySize(); i++) {
            BigInteger number = integer(array.getArrayElement(i));
            if (!fits(number, 8, false) && !fits(number, 8, true)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a register can hold it: 64 bits, signed or unsigned. */
    static boolean fitsRegister(BigInteger number) {
        return fits(number, 64, false) || fits(number, 64, true);
    }
}
