package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A read-only array of interop values. */
@ExportLibrary(InteropLibrary.class)
final class ListValue extends EbpfValue {
    private final Object[] elements;

    ListValue(List<?> elements) {
        this.elements = elements.toArray();
    }

    ListValue(Object[] elements) {
        this.elements = elements;
    }

    @Override
    Object identity() {
        return Arrays.asList(elements);
    }

    @Override
    String display() {
        return Arrays.stream(elements)
                .map(Layout::show)
                .collect(Collectors.joining(", ", "[", "]"));
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return elements.length;
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < elements.length;
    }

    @ExportMessage
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return elements[(int) index];
    }
}
