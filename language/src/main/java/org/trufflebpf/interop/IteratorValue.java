package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.StopIterationException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** An iterator over interop values. Not thread-safe; what it walks over may change meanwhile. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class IteratorValue extends EbpfValue {
    private final Iterator<?> iterator;

    IteratorValue(Iterator<?> iterator) {
        this.iterator = iterator;
    }

    @Override
    String display() {
        return "iterator";
    }

    @ExportMessage
    boolean isIterator() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    boolean hasIteratorNextElement() {
        return iterator.hasNext();
    }

    @ExportMessage
    @TruffleBoundary
    Object getIteratorNextElement() throws StopIterationException {
        try {
            return iterator.next();
        } catch (NoSuchElementException e) {
            throw StopIterationException.create();
        }
    }
}
