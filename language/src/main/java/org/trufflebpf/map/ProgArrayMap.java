package org.trufflebpf.map;

import org.trufflebpf.memory.Handles;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * {@code BPF_MAP_TYPE_PROG_ARRAY}: the targets of tail calls. What a target is, its runtime knows;
 * here it is opaque. User space's values of 4 bytes are handles of targets that are registered with
 * {@link Handles}. Programs neither read nor change the slots; they may change under a running
 * program at any time.
 */
public final class ProgArrayMap extends AbstractArrayMap {
    private final Handles handles;
    private final AtomicReferenceArray<Slot> slots;

    private record Slot(Object target, long handle) {}

    ProgArrayMap(MapSpec spec, MapHost host, ValueFields fields) {
        super(spec, host, fields);
        this.handles = host.handles();
        host.memory().checkRoom(8L * spec.maxEntries(), "map " + spec.name());
        this.slots = new AtomicReferenceArray<>(spec.maxEntries());
    }

    /**
     * The target that {@code bpf_tail_call} goes to (u32 index), or {@code null} for none: the call
     * falls through.
     */
    public Object target(int index) {
        if (isOutside(index)) {
            return null;
        }
        Slot slot = slots.get(index);
        return slot == null ? null : slot.target();
    }

    /** Sets a slot; {@code null} empties it. */
    public void setTarget(int index, Object target) {
        if (isOutside(index)) {
            throw error(
                    Errno.E2BIG, "slot " + Integer.toUnsignedString(index) + " of " + maxEntries());
        }
        slots.set(index, target == null ? null : new Slot(target, 0));
    }

    @Override
    public long lookup(long key, int cpu) {
        return Errno.EOPNOTSUPP.negative();
    }

    /** The handle of the target; for one that was set as an object a handle is made now. */
    @Override
    public byte[] get(byte[] key) {
        beginRead(key);
        int index = indexOf(key);
        Slot slot = isOutside(index) ? null : slots.get(index);
        if (slot == null) {
            return null;
        }
        if (slot.handle() == 0) {
            Slot known = new Slot(slot.target(), handles.register(slot.target()));
            slots.compareAndSet(index, slot, known);
            slot = known;
        }
        return keyOf((int) slot.handle());
    }

    @Override
    public void put(byte[] key, byte[] value, long flags) {
        beginWrite(key);
        checkValue(value, 4);
        int index = indexOf(key);
        if (flags != 0) {
            throw error(Errno.EINVAL, "update flags " + flags);
        }
        if (isOutside(index)) {
            throw error(
                    Errno.E2BIG, "slot " + Integer.toUnsignedString(index) + " of " + maxEntries());
        }
        long handle = Integer.toUnsignedLong(indexOf(value));
        Object target = handles.get(handle);
        if (target == null || target instanceof BpfMap) {
            throw error(
                    Errno.EBADF,
                    "0x" + Long.toHexString(handle) + " is not the handle of a program");
        }
        slots.set(index, new Slot(target, handle));
    }

    @Override
    public void remove(byte[] key) {
        beginWrite(key);
        int index = indexOf(key);
        if (isOutside(index)) {
            throw error(
                    Errno.E2BIG, "slot " + Integer.toUnsignedString(index) + " of " + maxEntries());
        }
        if (slots.getAndSet(index, null) == null) {
            throw error(Errno.ENOENT, "slot " + index + " is empty");
        }
    }
}
