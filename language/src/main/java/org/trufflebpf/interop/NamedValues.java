package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The programs or maps of an object: members by name, and an array in the order of the file. */
@ExportLibrary(InteropLibrary.class)
final class NamedValues extends Members {
    private final Map<String, Object> byName = new LinkedHashMap<>();
    private final List<Object> elements = new ArrayList<>();

    /** Adds a value; of two with one name the first keeps it. */
    void add(String name, Object value) {
        byName.putIfAbsent(name, value);
        elements.add(value);
    }

    @Override
    String display() {
        return "[" + String.join(", ", names()) + "]";
    }

    @Override
    List<String> names() {
        return List.copyOf(byName.keySet());
    }

    @Override
    Object member(String name) {
        return byName.get(name);
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return elements.size();
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < elements.size();
    }

    @ExportMessage
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return elements.get((int) index);
    }
}
