package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.utilities.TriState;

import org.trufflebpf.EbpfLanguage;

/**
 * What all values of the language have in common: it is theirs, they can be shown, and each has an
 * identity, although most are made anew whenever they are asked for: two values of one thing, such
 * as of the same element of a map, are identical for other languages, and equal for Java.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
abstract class EbpfValue implements TruffleObject {
    /** The value in one line for a person. */
    abstract String display();

    /** What two values have in common that stand for one thing; this value if nobody else does. */
    Object identity() {
        return this;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a value that is its own identity has no other
    public final boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        return other instanceof EbpfValue value
                && identity() != this
                && identity().equals(value.identity());
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    public final int hashCode() {
        Object identity = identity();
        return identity == this ? System.identityHashCode(this) : identity.hashCode();
    }

    @ExportMessage
    @TruffleBoundary
    final TriState isIdenticalOrUndefined(Object other) {
        return other instanceof EbpfValue ? TriState.valueOf(equals(other)) : TriState.UNDEFINED;
    }

    @ExportMessage
    @TruffleBoundary
    final int identityHashCode() {
        return hashCode();
    }

    @ExportMessage
    final boolean hasLanguage() {
        return true;
    }

    @ExportMessage
    final Class<? extends TruffleLanguage<?>> getLanguage() {
        return EbpfLanguage.class;
    }

    @ExportMessage
    @TruffleBoundary
    final Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return display();
    }
}
