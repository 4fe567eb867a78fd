package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnknownKeyException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.CachedLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A structure, a union or a section of data where it stands: reading and writing a member reads and
 * writes the memory. Its fields are members, and entries of a hash for languages that index by
 * name.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class StructValue extends EbpfValue {
    final StructLayout layout;
    final Storage storage;
    final long address;

    StructValue(StructLayout layout, Storage storage, long address) {
        this.layout = layout;
        this.storage = storage;
        this.address = address;
    }

    /** Whether its bytes are those of a value of that layout in this byte order. */
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(StructLayout other) {
        return layout == other;
    }

    byte[] bytes() {
        return storage.read(address, (int) layout.size);
    }

    @Override
    Object identity() {
        return List.of(layout, storage.identity(), address);
    }

    @Override
    String display() {
        return layout.names().stream()
                .map(name -> name + "=" + Layout.show(read(layout.field(name))))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private Object read(StructLayout.Field field) {
        return field.layout().read(storage, address + field.offset());
    }

    @TruffleBoundary
    private void write(StructLayout.Field field, Object value) {
        try {
            field.layout().write(storage, address + field.offset(), value, field.label());
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new ListValue(layout.names());
    }

    @ExportMessage
    boolean isMemberReadable(String name) {
        return layout.field(name) != null;
    }

    @ExportMessage
    static class ReadMember {
        @Specialization(
                guards = {"value.layout == layout", "name.equals(cachedName)"},
                limit = "5")
        static Object known(
                StructValue value,
                String name,
                @Cached("value.layout") StructLayout layout,
                @Cached("name") String cachedName,
                @Cached("layout.field(cachedName)") StructLayout.Field field)
                throws UnknownIdentifierException {
            if (field == null) {
                throw UnknownIdentifierException.create(name);
            }
            return value.read(field);
        }

        @Specialization(replaces = "known")
        static Object any(StructValue value, String name) throws UnknownIdentifierException {
            StructLayout.Field field = value.layout.field(name);
            if (field == null) {
                throw UnknownIdentifierException.create(name);
            }
            return slow(value, field);
        }

        @TruffleBoundary
        private static Object slow(StructValue value, StructLayout.Field field) {
            return value.read(field);
        }
    }

    @ExportMessage
    boolean isMemberModifiable(String name) {
        return storage.isWritable() && layout.field(name) != null;
    }

    @ExportMessage
    boolean isMemberInsertable(@SuppressWarnings("unused") String name) {
        return false;
    }

    @ExportMessage
    static class WriteMember {
        /** A whole number into an integer: compiled to a check and a store. */
        @Specialization(
                guards = {
                    "target.layout == layout",
                    "name.equals(cachedName)",
                    "integer != null",
                    "numbers.fitsInLong(value)"
                },
                limit = "5")
        static void number(
                StructValue target,
                String name,
                Object value,
                @Cached("target.layout") StructLayout layout,
                @Cached("name") String cachedName,
                @Cached("layout.field(cachedName)") StructLayout.Field field,
                @Cached("integerOf(field)") IntLayout integer,
                @CachedLibrary("value") InteropLibrary numbers)
                throws UnsupportedMessageException {
            long number = numbers.asLong(value);
            if (integer.takes(number)) {
                target.storage.checkWritable(field.label());
                integer.store(target.storage, target.address + field.offset(), number);
            } else {
                target.write(field, value);
            }
        }

        @Specialization(replaces = "number")
        static void any(StructValue target, String name, Object value)
                throws UnknownIdentifierException {
            StructLayout.Field field = target.layout.field(name);
            if (field == null) {
                throw UnknownIdentifierException.create(name);
            }
            target.write(field, value);
        }

        static IntLayout integerOf(StructLayout.Field field) {
            return field != null && field.layout() instanceof IntLayout integer ? integer : null;
        }
    }

    /** Members that are programs can be called. */
    @ExportMessage
    @TruffleBoundary
    boolean isMemberInvocable(String name) {
        StructLayout.Field field = layout.field(name);
        return field != null && Layout.INTEROP.isExecutable(read(field));
    }

    @ExportMessage
    @TruffleBoundary
    Object invokeMember(String name, Object[] arguments)
            throws UnknownIdentifierException,
                    UnsupportedTypeException,
                    ArityException,
                    UnsupportedMessageException {
        StructLayout.Field field = layout.field(name);
        if (field == null) {
            throw UnknownIdentifierException.create(name);
        }
        return Layout.INTEROP.execute(read(field), arguments);
    }

    // ---- the same as entries of a hash

    @TruffleBoundary
    private StructLayout.Field fieldOf(Object key) {
        try {
            return Layout.INTEROP.isString(key) ? layout.field(Layout.INTEROP.asString(key)) : null;
        } catch (InteropException e) {
            return null;
        }
    }

    @ExportMessage
    boolean hasHashEntries() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    long getHashSize() {
        return layout.names().size();
    }

    @ExportMessage
    boolean isHashEntryReadable(Object key) {
        return fieldOf(key) != null;
    }

    @ExportMessage
    @TruffleBoundary
    Object readHashValue(Object key) throws UnknownKeyException {
        StructLayout.Field field = fieldOf(key);
        if (field == null) {
            throw UnknownKeyException.create(key);
        }
        return read(field);
    }

    @ExportMessage
    boolean isHashEntryModifiable(Object key) {
        return storage.isWritable() && fieldOf(key) != null;
    }

    @ExportMessage
    boolean isHashEntryInsertable(@SuppressWarnings("unused") Object key) {
        return false;
    }

    @ExportMessage
    void writeHashEntry(Object key, Object value) throws UnknownKeyException {
        StructLayout.Field field = fieldOf(key);
        if (field == null) {
            throw UnknownKeyException.create(key);
        }
        write(field, value);
    }

    @ExportMessage
    @TruffleBoundary
    Object getHashEntriesIterator() {
        Iterator<Object> entries =
                layout.names().stream()
                        .map(
                                name ->
                                        (Object)
                                                new ListValue(
                                                        List.of(name, read(layout.field(name)))))
                        .iterator();
        return new IteratorValue(entries);
    }
}
