package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownKeyException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * A map with keys: a hash. A value read is live where it has parts; a value written replaces the
 * entry, as {@code BPF_MAP_UPDATE_ELEM} does. Reading an LPM trie gives the longest match. {@code
 * addresses} is the same map with network addresses as keys.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class HashMapValue extends MapValue {
    private static final List<String> NAMES = and("addresses");

    private final String view;

    HashMapValue(Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys) {
        this(opened, spec, source, keys, "");
    }

    private HashMapValue(
            Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys, String view) {
        super(opened, spec, source, keys);
        this.view = view;
    }

    @Override
    String view() {
        return view;
    }

    @Override
    List<String> names() {
        return KeyCodec.canBeAddresses(spec.type(), spec.keySize()) ? NAMES : super.names();
    }

    @Override
    Object member(String name) {
        return name.equals("addresses") ? byAddress() : super.member(name);
    }

    private Object byAddress() {
        if (!KeyCodec.canBeAddresses(spec.type(), spec.keySize())) {
            throw BpfException.usage(
                    "the keys of map "
                            + spec.name()
                            + " have "
                            + spec.keySize()
                            + " bytes, which is no network address");
        }
        KeyCodec addresses =
                KeyCodec.addresses(
                        spec.keySize(),
                        spec.type() == MapType.LPM_TRIE,
                        opened.object().spec().order());
        return new HashMapValue(opened, spec, source, addresses, "addresses");
    }

    /** The bytes of a key, or {@code null} if the value is no key of this map. */
    private byte[] keyOrNull(Object key) {
        try {
            return keys.encode(key);
        } catch (BpfException e) {
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
        long count = 0;
        for (Iterator<?> walk = walk(); walk.hasNext(); walk.next()) {
            count++;
        }
        return count;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isHashEntryReadable(Object key) {
        byte[] bytes = keyOrNull(key);
        return bytes != null && has(bytes);
    }

    @ExportMessage
    @TruffleBoundary
    Object readHashValue(Object key) throws UnknownKeyException {
        byte[] bytes = keyOrNull(key);
        Object value;
        try {
            value = bytes == null ? null : get(bytes);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
        if (value == null) {
            throw UnknownKeyException.create(key);
        }
        return value;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isHashEntryModifiable(Object key) {
        byte[] bytes = keyOrNull(key);
        return bytes != null && isWritable() && has(bytes);
    }

    @ExportMessage
    @TruffleBoundary
    boolean isHashEntryInsertable(Object key) {
        byte[] bytes = keyOrNull(key);
        return bytes != null && isWritable() && !has(bytes);
    }

    @ExportMessage
    @TruffleBoundary
    void writeHashEntry(Object key, Object value) throws UnsupportedTypeException {
        try {
            put(keys.encode(key), value, 0);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }

    @ExportMessage
    @TruffleBoundary
    boolean isHashEntryRemovable(Object key) {
        return isHashEntryModifiable(key);
    }

    @ExportMessage
    @TruffleBoundary
    void removeHashEntry(Object key) throws UnknownKeyException {
        byte[] bytes = keyOrNull(key);
        if (bytes == null) {
            throw UnknownKeyException.create(key);
        }
        try {
            remove(bytes);
        } catch (EbpfError e) {
            if (e.errno() == Errno.ENOENT) {
                throw UnknownKeyException.create(key);
            }
            throw e;
        }
    }

    @ExportMessage
    @TruffleBoundary
    Object getHashEntriesIterator() {
        return new IteratorValue(walk());
    }

    /** The entries; one that another thread deletes meanwhile is left out. */
    private Iterator<Object> walk() {
        KeyWalk walk;
        try {
            walk = new KeyWalk(usable());
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
        return new Iterator<>() {
            private Object next = find();

            private Object find() {
                while (walk.hasNext()) {
                    byte[] key = walk.next();
                    Object value = get(key);
                    if (value != null) {
                        return new EntryValue(HashMapValue.this, key, value);
                    }
                }
                return null;
            }

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Object next() {
                if (next == null) {
                    throw new NoSuchElementException();
                }
                Object entry = next;
                next = find();
                return entry;
            }
        };
    }
}
