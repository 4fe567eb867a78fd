package org.trufflebpf.interop;

import com.oracle.truffle.api.dsl.Fallback;
import com.oracle.truffle.api.dsl.NeverDefault;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.CachedLibrary;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.EbpfThread;

/**
 * Copies the bytes of another language's buffer, or of a JavaScript view of one, to the {@linkplain
 * EbpfThread#buffer thread's buffer}, in compiled code. What is neither is left to {@link
 * Arguments#bytes}.
 */
abstract class BytesNode extends Node {
    /** Given for what these are no bytes of, and for more than fit in a packet's page. */
    static final int OTHER = -1;

    private static final int MAX = 4096;

    /** The number of bytes, or {@link #OTHER}. */
    abstract int execute(EbpfThread thread, Object value);

    @NeverDefault
    static BytesNode create() {
        return BytesNodeGen.create();
    }

    @Specialization(guards = "buffers.hasBufferElements(value)", limit = "3")
    static int buffer(
            EbpfThread thread, Object value, @CachedLibrary("value") InteropLibrary buffers) {
        try {
            long size = buffers.getBufferSize(value);
            return copy(thread, buffers, value, 0, size);
        } catch (InteropException e) {
            return OTHER;
        }
    }

    /** A typed array or a {@code DataView}. */
    @Specialization(guards = "isView(views, value)", limit = "3")
    static int view(
            EbpfThread thread,
            Object value,
            @CachedLibrary("value") InteropLibrary views,
            @CachedLibrary(limit = "3") InteropLibrary buffers,
            @CachedLibrary(limit = "3") InteropLibrary numbers) {
        try {
            long offset = numbers.asLong(views.readMember(value, ViewBytes.BYTE_OFFSET));
            long size = numbers.asLong(views.readMember(value, ViewBytes.BYTE_LENGTH));
            return copy(thread, buffers, views.readMember(value, ViewBytes.BUFFER), offset, size);
        } catch (InteropException e) {
            return OTHER;
        }
    }

    static boolean isView(InteropLibrary views, Object value) {
        return views.isMemberReadable(value, ViewBytes.BYTE_LENGTH);
    }

    @Fallback
    static int other(
            @SuppressWarnings("unused") EbpfThread thread,
            @SuppressWarnings("unused") Object value) {
        return OTHER;
    }

    private static int copy(
            EbpfThread thread, InteropLibrary buffers, Object buffer, long offset, long size)
            throws InteropException {
        if (size > MAX) {
            return OTHER;
        }
        buffers.readBuffer(buffer, offset, thread.buffer((int) size), 0, (int) size);
        return (int) size;
    }
}
