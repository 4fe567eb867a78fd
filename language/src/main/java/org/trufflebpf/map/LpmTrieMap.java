package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code BPF_MAP_TYPE_LPM_TRIE}: longest prefix match. A key is {@code u32 prefixlen} in the
 * object's byte order and the data, most significant byte first. A binary trie in which a node's
 * prefix extends its parent's; nodes without a value join two branches.
 *
 * <p>A node is {@code value | child u32 x 2, prefixlen u32, unused u32 | data}. Links to nodes are
 * distances from the first in units of 8 bytes; the first is the place of the root, so that 0 is
 * none. Changes are made under one lock, between two counts of a sequence number; a lookup that saw
 * the number change starts again, because nodes are recycled. An index by the first bits of keys
 * saves a lookup most of the walk.
 */
public final class LpmTrieMap extends BpfMap {
    /** Beside the prefix length: this node has no value. */
    private static final int INTERMEDIATE = 1 << 31;

    private final Object desk = new Object();
    private final SpinGuard guard = new SpinGuard();
    private final AtomicInteger sequence = new AtomicInteger();
    private final Memory memory;
    private final Memory big;
    private final int dataSize;
    private final int maxPrefix;
    private final int header;
    private final int data;
    private final int stride;
    private final long nodes;
    private final long deskKey;
    private final long deskValue;
    private int entries;

    /** Null while there are few entries. */
    private volatile LpmIndex index;

    /** The first node that was never used. */
    private int fresh;

    /** First of the nodes that were given back, chained by child 0. */
    private int freed;

    LpmTrieMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.memory = host.memory();
        this.big = memory.inOrder(ByteOrder.BIG_ENDIAN);
        this.dataSize = spec.keySize() - 4;
        this.maxPrefix = dataSize * 8;
        this.header = slotOf(spec.valueSize());
        this.data = header + 16;
        this.stride = data + slotOf(dataSize);
        this.fresh = stride >>> 3;
        // the place of the root, a node and an inner node for each entry, one that replaces another
        long size = (2L * spec.maxEntries() + 2) * stride;
        this.nodes = memory.reserve(size, 64, "map " + spec.name());
        this.deskKey = memory.reserve(spec.keySize(), "map " + spec.name());
        this.deskValue = memory.reserve(spec.valueSize(), "map " + spec.name());
        memory.putInt(child(0, 0), 0);
        boolean writable = (spec.flags() & MapFlags.BPF_F_RDONLY_PROG) == 0;
        memory.add(
                new Region(
                        Region.Kind.MAP_VALUE,
                        spec.name(),
                        nodes,
                        size,
                        stride,
                        spec.valueSize(),
                        writable));
    }

    private long at(int node) {
        return nodes + ((long) node << 3);
    }

    private long child(int node, int side) {
        return at(node) + header + 4L * side;
    }

    private int info(int node) {
        return memory.getInt(at(node) + header + 8);
    }

    private void setInfo(int node, int info) {
        memory.putInt(at(node) + header + 8, info);
    }

    private int prefix(int node) {
        return info(node) & ~INTERMEDIATE;
    }

    private boolean isIntermediate(int node) {
        return (info(node) & INTERMEDIATE) != 0;
    }

    private int bit(long bytes, int index) {
        return memory.getByte(bytes + (index >>> 3)) >> (7 - (index & 7)) & 1;
    }

    /** Number of leading bits that two runs of data share, at most {@code limit}. */
    private int match(long a, long b, int limit) {
        int i = 0;
        for (; i + 8 <= dataSize; i += 8) {
            long difference = big.getLong(a + i) ^ big.getLong(b + i);
            if (difference != 0) {
                return Math.min(limit, 8 * i + Long.numberOfLeadingZeros(difference));
            }
            if (8 * i + 64 >= limit) {
                return limit;
            }
        }
        if (i + 4 <= dataSize) {
            int difference = big.getInt(a + i) ^ big.getInt(b + i);
            if (difference != 0) {
                return Math.min(limit, 8 * i + Integer.numberOfLeadingZeros(difference));
            }
            i += 4;
        }
        for (; i < dataSize; i++) {
            int difference = (memory.getByte(a + i) ^ memory.getByte(b + i)) & 0xff;
            if (difference != 0) {
                return Math.min(limit, 8 * i + Integer.numberOfLeadingZeros(difference) - 24);
            }
        }
        return limit;
    }

    @Override
    public long lookup(long key, int cpu) {
        long found = tryLookup(key, cpu);
        int spins = 0;
        while (found == UNKNOWN) {
            SpinLock.pause(spins++);
            found = tryLookup(key, cpu);
        }
        return found;
    }

    @Override
    public long tryLookup(long key, int cpu) {
        int prefix = memory.getInt(key);
        if (Integer.compareUnsigned(prefix, maxPrefix) > 0) {
            return 0;
        }
        int before = sequence.get();
        if ((before & 1) != 0) {
            return UNKNOWN;
        }
        long found;
        LpmIndex first = index;
        if (first != null && prefix >= first.bits()) {
            long entry = first.entry(big.getShort(key + 4) & 0xffff);
            found = walk(key + 4, prefix, (int) entry, (int) (entry >>> 32));
        } else {
            found = walk(key + 4, prefix, memory.getInt(child(0, 0)), 0);
        }
        memory.acquireFence();
        return sequence.get() == before ? found : UNKNOWN;
    }

    /** {@link #walkLong} for data of 4 bytes, as a number whose highest bit is the first. */
    private long walk4(int wanted, int prefix, int start, int above) {
        long at = at(start);
        long found = above == 0 ? 0 : at(above);
        for (int depth = 0; at != nodes && depth <= 32; depth++) {
            int info = memory.getInt(at + header + 8);
            int length = info & ~INTERMEDIATE;
            // what differs first; 32 where nothing does
            int shared = Integer.numberOfLeadingZeros(big.getInt(at + data) ^ wanted);
            if (Math.min(shared, prefix) < length) {
                break;
            }
            if (info == length) {
                found = at;
            }
            if (length == 32) {
                break;
            }
            int side = (wanted >>> (31 - length)) & 1;
            at = at(memory.getInt(at + header + 4L * side));
        }
        return found;
    }

    /**
     * The value of the longest prefix.
     *
     * @param start the node to begin at
     * @param above a node with a value that was found already, or 0
     */
    private long walk(long wanted, int prefix, int start, int above) {
        return dataSize == 4
                ? walk4(big.getInt(wanted), prefix, start, above)
                : walkLong(wanted, prefix, start, above);
    }

    private long walkLong(long wanted, int prefix, int start, int above) {
        int node = start;
        int found = above;
        // the depth is bounded also where a change made the walk go astray
        for (int depth = 0; node != 0 && depth <= maxPrefix; depth++) {
            int info = info(node);
            int length = info & ~INTERMEDIATE;
            int matched = match(at(node) + data, wanted, Math.min(length, prefix));
            if (matched == maxPrefix) {
                return at(node);
            }
            if (matched < length) {
                break;
            }
            if (info == length) {
                found = node;
            }
            node = memory.getInt(child(node, bit(wanted, length)));
        }
        return found == 0 ? 0 : at(found);
    }

    @Override
    public long update(long key, long value, long flags, int cpu) {
        int prefix = memory.getInt(key);
        if (Long.compareUnsigned(flags, MapFlags.BPF_EXIST) > 0
                || Integer.compareUnsigned(prefix, maxPrefix) > 0) {
            return Errno.EINVAL.negative();
        }
        begin();
        try {
            long result = insert(key + 4, prefix, value, flags);
            index(key + 4, prefix);
            return result;
        } finally {
            end();
        }
    }

    /** Brings the index up to date after a change of a prefix. */
    private void index(long bytes, int prefix) {
        LpmIndex current = index;
        int bits = dataSize < 2 ? 0 : LpmIndex.bitsFor(entries);
        if (current != null) {
            current.refresh(big.getShort(bytes) & 0xffff, prefix);
        }
        if (bits > (current == null ? 0 : current.bits())) {
            index = new LpmIndex(new Links(), bits);
        }
    }

    /** The nodes as the index sees them. */
    private final class Links implements LpmIndex.Nodes {
        @Override
        public int root() {
            return memory.getInt(LpmTrieMap.this.child(0, 0));
        }

        @Override
        public int child(int node, int side) {
            return memory.getInt(LpmTrieMap.this.child(node, side));
        }

        @Override
        public int prefix(int node) {
            return LpmTrieMap.this.prefix(node);
        }

        @Override
        public boolean hasValue(int node) {
            return !isIntermediate(node);
        }

        @Override
        public int head(int node) {
            return big.getShort(at(node) + data) & 0xffff;
        }
    }

    private void begin() {
        guard.lock();
        sequence.incrementAndGet();
    }

    private void end() {
        sequence.incrementAndGet();
        guard.unlock();
    }

    private long insert(long wanted, int prefix, long value, long flags) {
        long slot = child(0, 0);
        int node = memory.getInt(slot);
        int matched = 0;
        while (node != 0) {
            int length = prefix(node);
            matched = match(at(node) + data, wanted, Math.min(length, prefix));
            if (length != matched || length == prefix) {
                break;
            }
            slot = child(node, bit(wanted, length));
            node = memory.getInt(slot);
        }
        boolean exact = node != 0 && prefix(node) == matched && !isIntermediate(node);
        if (exact && flags == MapFlags.BPF_NOEXIST) {
            return Errno.EEXIST.negative();
        }
        if (!exact) {
            if (flags == MapFlags.BPF_EXIST) {
                return Errno.ENOENT.negative();
            }
            if (entries == maxEntries()) {
                return Errno.ENOSPC.negative();
            }
            entries++;
        }
        int added = take(prefix, wanted, false);
        fields().init(memory, at(added));
        copyValue(value, at(added));
        if (node == 0) {
            memory.putInt(slot, added);
        } else if (prefix(node) == matched) {
            memory.putInt(child(added, 0), memory.getInt(child(node, 0)));
            memory.putInt(child(added, 1), memory.getInt(child(node, 1)));
            memory.putInt(slot, added);
            give(node);
        } else if (matched == prefix) {
            memory.putInt(child(added, bit(at(node) + data, matched)), node);
            memory.putInt(slot, added);
        } else {
            int join = take(matched, at(node) + data, true);
            int side = bit(wanted, matched);
            memory.putInt(child(join, side), added);
            memory.putInt(child(join, 1 - side), node);
            memory.putInt(slot, join);
        }
        return 0;
    }

    private int take(int prefix, long bytes, boolean intermediate) {
        int node = freed;
        if (node != 0) {
            freed = memory.getInt(child(node, 0));
        } else {
            node = fresh;
            fresh += stride >>> 3;
        }
        memory.putInt(child(node, 0), 0);
        memory.putInt(child(node, 1), 0);
        setInfo(node, intermediate ? prefix | INTERMEDIATE : prefix);
        memory.copy(bytes, at(node) + data, dataSize);
        return node;
    }

    private void give(int node) {
        memory.putInt(child(node, 0), freed);
        freed = node;
    }

    @Override
    public long delete(long key) {
        int prefix = memory.getInt(key);
        if (Integer.compareUnsigned(prefix, maxPrefix) > 0) {
            return Errno.EINVAL.negative();
        }
        begin();
        try {
            long result = unlink(key + 4, prefix);
            index(key + 4, prefix);
            return result;
        } finally {
            end();
        }
    }

    private long unlink(long wanted, int prefix) {
        long slot = child(0, 0);
        long above = slot;
        int parent = 0;
        int node = memory.getInt(slot);
        while (node != 0) {
            int length = prefix(node);
            int matched = match(at(node) + data, wanted, Math.min(length, prefix));
            if (length != matched) {
                return Errno.ENOENT.negative();
            }
            if (length == prefix) {
                break;
            }
            parent = node;
            above = slot;
            slot = child(node, bit(wanted, length));
            node = memory.getInt(slot);
        }
        if (node == 0 || isIntermediate(node)) {
            return Errno.ENOENT.negative();
        }
        entries--;
        int left = memory.getInt(child(node, 0));
        int right = memory.getInt(child(node, 1));
        if (left != 0 && right != 0) {
            setInfo(node, info(node) | INTERMEDIATE);
            return 0;
        }
        if (left == 0 && right == 0 && parent != 0 && isIntermediate(parent)) {
            int first = memory.getInt(child(parent, 0));
            memory.putInt(above, first == node ? memory.getInt(child(parent, 1)) : first);
            give(parent);
        } else {
            memory.putInt(slot, left != 0 ? left : right);
        }
        give(node);
        return 0;
    }

    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        synchronized (desk) {
            memory.write(deskKey, key);
            int prefix = memory.getInt(deskKey);
            if (Integer.compareUnsigned(prefix, maxPrefix) > 0) {
                return null;
            }
            guard.lock();
            try {
                long found = walk(deskKey + 4, prefix, memory.getInt(child(0, 0)), 0);
                if (found == 0) {
                    return null;
                }
                byte[] bytes = new byte[valueSize()];
                fields().read(memory, found, bytes, 0, bytes.length);
                return bytes;
            } finally {
                guard.unlock();
            }
        }
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, valueSize());
        synchronized (desk) {
            memory.write(deskKey, key);
            memory.write(deskValue, value);
            raise(update(deskKey, deskValue, flags, 0), "update");
        }
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        synchronized (desk) {
            memory.write(deskKey, key);
            raise(delete(deskKey), "delete");
        }
    }

    /** Keys come in postorder: longer prefixes before the shorter ones that contain them. */
    @Override
    public byte[] nextKey(byte[] key) {
        if (key != null) {
            beginRead(key);
        }
        synchronized (desk) {
            guard.lock();
            try {
                int node = key == null ? 0 : after(key);
                return node < 0
                        ? null
                        : keyOf(node == 0 ? leftmost(memory.getInt(child(0, 0))) : node);
            } finally {
                guard.unlock();
            }
        }
    }

    /** The node behind a key in postorder, 0 if there is no such key, -1 at the end. */
    private int after(byte[] key) {
        memory.write(deskKey, key);
        int prefix = memory.getInt(deskKey);
        if (Integer.compareUnsigned(prefix, maxPrefix) > 0) {
            return 0;
        }
        int[] path = new int[8];
        int depth = 0;
        int node = memory.getInt(child(0, 0));
        while (node != 0) {
            if (depth == path.length) {
                path = Arrays.copyOf(path, 2 * depth);
            }
            path[depth++] = node;
            int length = prefix(node);
            if (match(at(node) + data, deskKey + 4, Math.min(length, prefix)) != length) {
                return 0;
            }
            if (length == prefix) {
                break;
            }
            node = memory.getInt(child(node, bit(deskKey + 4, length)));
        }
        if (node == 0 || isIntermediate(node)) {
            return 0;
        }
        for (int i = depth - 1; i > 0; i--) {
            int parent = path[i - 1];
            int right = memory.getInt(child(parent, 1));
            if (memory.getInt(child(parent, 0)) == path[i] && right != 0) {
                return leftmost(right);
            }
            if (!isIntermediate(parent)) {
                return parent;
            }
        }
        return -1;
    }

    /** The first node in postorder below (and with) another; 0 for 0. */
    private int leftmost(int top) {
        int node = top;
        int found = 0;
        while (node != 0) {
            int left = memory.getInt(child(node, 0));
            if (!isIntermediate(node)) {
                found = node;
            }
            node = left != 0 || isIntermediate(node) ? left : memory.getInt(child(node, 1));
        }
        return found;
    }

    private byte[] keyOf(int node) {
        if (node == 0) {
            return null;
        }
        byte[] key = new byte[keySize()];
        ByteBuffer.wrap(key).order(memory.order()).putInt(prefix(node));
        memory.read(at(node) + data, key, 4, dataSize);
        return key;
    }
}
