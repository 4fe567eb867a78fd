package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;

import java.util.List;

/** A method of a value, taken from it. Turns failures of the guest into {@link EbpfError}. */
@ExportLibrary(InteropLibrary.class)
final class MethodValue extends EbpfValue {
    private final int minimum;
    private final int maximum;
    private final Members.Method method;

    /** Whose method it is, and its name there; {@code null} until it is taken from it. */
    private Members owner;

    private String name;

    /** Takes {@code minimum} to {@code maximum} arguments. */
    MethodValue(int minimum, int maximum, Members.Method method) {
        this.minimum = minimum;
        this.maximum = maximum;
        this.method = method;
    }

    /** The method as a member of a value. */
    MethodValue of(Members newOwner, String newName) {
        owner = newOwner;
        name = newName;
        return this;
    }

    @Override
    Object identity() {
        return owner == null ? this : List.of(owner, name);
    }

    @Override
    String display() {
        return owner == null ? "method" : "method " + name + " of " + owner.display();
    }

    @ExportMessage
    boolean isExecutable() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object execute(Object[] arguments)
            throws UnsupportedTypeException, ArityException, UnsupportedMessageException {
        if (arguments.length < minimum || arguments.length > maximum) {
            throw ArityException.create(minimum, maximum, arguments.length);
        }
        try {
            return method.call(arguments);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }
}
