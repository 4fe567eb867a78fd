package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * {@code BPF_MAP_TYPE_STACK_TRACE}: call stacks by the hash of their addresses. A program stores
 * the stack of the moment and gets its id; user space reads it back.
 */
public final class StackTraceMap extends BpfMap {
    /** Deepest stack (kernel: {@code sysctl_perf_event_max_stack}). */
    public static final int MAX_DEPTH = 127;

    /** Bytes of a {@code struct bpf_stack_build_id}. */
    public static final int BUILD_ID_SIZE = 32;

    private static final long SKIP_MASK = 0xff;
    private static final long USER_STACK = 1 << 8;
    private static final long FAST_COMPARE = 1 << 9;
    private static final long REUSE = 1 << 10;

    /** {@code BPF_STACK_BUILD_ID_IP}: there is no build id, only the address. */
    private static final int BUILD_ID_IP = 2;

    private record Bucket(int hash, byte[] data) {}

    private final AtomicReferenceArray<Bucket> buckets;
    private final AtomicInteger free;
    private final long desk;
    private final boolean buildId;

    StackTraceMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        long size = Long.highestOneBit(Math.max(1, 2L * spec.maxEntries() - 1));
        host.memory().checkRoom(size * spec.valueSize(), "map " + spec.name());
        this.buckets = new AtomicReferenceArray<>((int) size);
        this.free = new AtomicInteger(spec.maxEntries());
        this.desk = host.memory().reserve(8L * MAX_DEPTH, "map " + spec.name());
        this.buildId = (spec.flags() & MapFlags.BPF_F_STACK_BUILD_ID) != 0;
    }

    /** Whether these flags ask for the stack of user space. */
    public static boolean isUser(long flags) {
        return (flags & USER_STACK) != 0;
    }

    /**
     * {@code bpf_get_stackid}.
     *
     * @param stack return addresses, the innermost first; {@code null} if there is none
     * @return the id or a negative errno
     */
    public long store(long[] stack, long flags) {
        if ((flags & ~(SKIP_MASK | USER_STACK | FAST_COMPARE | REUSE)) != 0) {
            return Errno.EINVAL.negative();
        }
        int skip = (int) (flags & SKIP_MASK);
        int depth = valueSize() / (buildId ? BUILD_ID_SIZE : 8);
        if (stack == null || Math.min(stack.length, Math.min(depth + skip, MAX_DEPTH)) <= skip) {
            return Errno.EFAULT.negative();
        }
        int end = Math.min(stack.length, Math.min(depth + skip, MAX_DEPTH));
        long[] trace = Arrays.copyOfRange(stack, skip, end);
        int hash = hash(trace);
        int id = hash & (buckets.length() - 1);
        byte[] data = bytes(trace);
        while (true) {
            Bucket old = buckets.get(id);
            boolean same = old != null && old.hash() == hash;
            if (same && ((flags & FAST_COMPARE) != 0 || Arrays.equals(old.data(), data))) {
                return id;
            }
            if (old != null && (flags & REUSE) == 0) {
                return Errno.EEXIST.negative();
            }
            if (old == null && !take()) {
                return Errno.ENOMEM.negative();
            }
            if (buckets.compareAndSet(id, old, new Bucket(hash, data))) {
                return id;
            }
            if (old == null) {
                free.incrementAndGet();
            }
        }
    }

    private boolean take() {
        int left = free.get();
        while (left > 0 && !free.compareAndSet(left, left - 1)) {
            left = free.get();
        }
        return left > 0;
    }

    private int hash(long[] trace) {
        synchronized (this) {
            for (int i = 0; i < trace.length; i++) {
                memory().putLong(desk + 8L * i, trace[i]);
            }
            return HashFunction.jhash2(memory(), desk, 2 * trace.length, 0);
        }
    }

    private byte[] bytes(long[] trace) {
        ByteBuffer buffer =
                ByteBuffer.allocate(trace.length * (buildId ? BUILD_ID_SIZE : 8))
                        .order(memory().order());
        for (long address : trace) {
            putFrame(buffer, address, buildId);
        }
        return buffer.array();
    }

    /** Writes one frame, as an address or as a build id that is not known. */
    public static void putFrame(ByteBuffer buffer, long address, boolean withBuildId) {
        if (withBuildId) {
            buffer.putInt(BUILD_ID_IP);
            buffer.put(new byte[20]);
        }
        buffer.putLong(address);
    }

    @Override
    public long lookup(long key, int cpu) {
        return Errno.EOPNOTSUPP.negative();
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        return Errno.EINVAL.negative();
    }

    @Override
    public long delete(long key) {
        return Errno.EINVAL.negative();
    }

    private int id(byte[] key) {
        return ByteBuffer.wrap(key).order(memory().order()).getInt();
    }

    private boolean isOutside(int id) {
        return Integer.compareUnsigned(id, buckets.length()) >= 0;
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        int id = id(key);
        Bucket bucket = isOutside(id) ? null : buckets.get(id);
        return bucket == null ? null : Arrays.copyOf(bucket.data(), valueSize());
    }

    @Override
    public byte[] take(byte[] key) {
        byte[] value = get(key);
        if (value != null) {
            remove(key);
        }
        return value;
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        throw error(Errno.EINVAL, "stacks are stored by programs only");
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        int id = id(key);
        if (isOutside(id)) {
            throw error(Errno.E2BIG, "stack " + Integer.toUnsignedString(id));
        }
        if (buckets.getAndSet(id, null) == null) {
            throw error(Errno.ENOENT, "stack " + id);
        }
        free.incrementAndGet();
    }

    @Override
    public byte[] nextKey(byte[] key) {
        if (key != null) {
            beginRead(key);
        }
        int id = key == null || isOutside(id(key)) ? 0 : id(key) + 1;
        while (id < buckets.length() && buckets.get(id) == null) {
            id++;
        }
        return id >= buckets.length()
                ? null
                : ByteBuffer.allocate(4).order(memory().order()).putInt(id).array();
    }
}
