package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.nio.ByteBuffer;

/**
 * A map as the {@code bpf()} system call has it, with bytes; see the value's member {@code bytes}.
 */
final class RawMap {
    /** {@code BPF_ANY}, {@code BPF_NOEXIST}, {@code BPF_EXIST} of {@code linux/bpf.h}. */
    static final int ANY = 0;

    static final int NOEXIST = 1;
    static final int EXIST = 2;

    private final Value map;

    RawMap(Value map) {
        this.map = map;
    }

    /** The value of a key, or {@code null}. */
    byte[] lookup(byte[] key) {
        return lookup(key, ANY);
    }

    byte[] lookup(byte[] key, long flags) {
        return call("lookup", buffer(key), flags);
    }

    void update(byte[] key, byte[] value, long flags) {
        call("update", buffer(key), buffer(value), flags);
    }

    /** As {@link #update}; whether it was done, and not refused for that reason. */
    boolean tryUpdate(byte[] key, byte[] value, long flags, String reason) {
        return attempt(reason, () -> update(key, value, flags));
    }

    /** Removes a key; whether it was there. */
    boolean delete(byte[] key) {
        return attempt("ENOENT", () -> call("delete", buffer(key)));
    }

    private static boolean attempt(String reason, Runnable operation) {
        try {
            operation.run();
            return true;
        } catch (BpfException e) {
            if (e.errno().filter(reason::equals).isPresent()) {
                return false;
            }
            throw e;
        }
    }

    /** The key behind one, the first for {@code null}; {@code null} at the end. */
    byte[] nextKey(byte[] key) {
        return call("nextKey", buffer(key));
    }

    /** Removes a key and gives its value; of a queue or stack the next value. */
    byte[] lookupAndDelete(byte[] key) {
        return call("lookupAndDelete", buffer(key));
    }

    private byte[] call(String operation, Object... arguments) {
        return BpfException.guarded(() -> Bytes.of(map.invokeMember(operation, arguments)));
    }

    private static Object buffer(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }
}
