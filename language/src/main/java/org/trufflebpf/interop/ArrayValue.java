package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;

import java.util.List;
import java.util.StringJoiner;

/** An array where it stands: reading and writing an element reads and writes the memory. */
final class ArrayValue extends ElementsValue {
    private static final int SHOWN = 32;

    private final ArrayLayout layout;
    private final Storage storage;
    private final long address;

    ArrayValue(ArrayLayout layout, Storage storage, long address) {
        this.layout = layout;
        this.storage = storage;
        this.address = address;
    }

    @Override
    Object identity() {
        return List.of(layout, storage.identity(), address);
    }

    @Override
    String display() {
        StringJoiner text = new StringJoiner(", ", "[", "]");
        for (long i = 0; i < Math.min(SHOWN, layout.count); i++) {
            text.add(Layout.show(layout.element.read(storage, at(i))));
        }
        return (layout.count > SHOWN ? text.add("...") : text).toString();
    }

    private long at(long index) {
        return address + index * layout.element.size;
    }

    @Override
    long length() {
        return layout.count;
    }

    @Override
    boolean isWritable() {
        return storage.isWritable();
    }

    @Override
    @TruffleBoundary
    Object element(long index) {
        return layout.element.read(storage, at(index));
    }

    @Override
    void setElement(long index, Object value) {
        layout.element.write(storage, at(index), value, " element [" + index + "]");
    }
}
