package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;

import java.util.List;

/** A value with read-only members, some of which are methods or programs. Subclasses say which. */
@ExportLibrary(InteropLibrary.class)
abstract class Members extends EbpfValue {
    /** A member that is called. */
    @FunctionalInterface
    interface Method {
        Object call(Object[] arguments)
                throws UnsupportedTypeException, ArityException, UnsupportedMessageException;
    }

    /** Names of all members in the order to show them. */
    abstract List<String> names();

    /**
     * The value of a member, a {@link MethodValue} for a method, or {@code null} if there is none.
     */
    abstract Object member(String name);

    @Override
    String display() {
        return "{" + String.join(", ", names()) + "}";
    }

    @ExportMessage
    final boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    final Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new ListValue(List.copyOf(names()));
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isMemberReadable(String name) {
        return names().contains(name);
    }

    @ExportMessage
    @TruffleBoundary
    final Object readMember(String name) throws UnknownIdentifierException {
        Object value;
        try {
            value = member(name);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
        if (value == null) {
            throw UnknownIdentifierException.create(name);
        }
        return value instanceof MethodValue method ? method.of(this, name) : value;
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isMemberInvocable(String name) {
        Object value = names().contains(name) ? member(name) : null;
        return value != null && Layout.INTEROP.isExecutable(value);
    }

    @ExportMessage
    @TruffleBoundary
    final Object invokeMember(String name, Object[] arguments)
            throws UnknownIdentifierException,
                    UnsupportedTypeException,
                    ArityException,
                    UnsupportedMessageException {
        Object value = member(name);
        if (value == null) {
            throw UnknownIdentifierException.create(name);
        }
        return Layout.INTEROP.execute(value, arguments);
    }
}
