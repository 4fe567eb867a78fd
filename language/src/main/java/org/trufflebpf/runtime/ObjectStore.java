package org.trufflebpf.runtime;

import org.trufflebpf.map.ValueFields;
import org.trufflebpf.map.ValueFields.Field;
import org.trufflebpf.memory.Heap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;

/**
 * Objects that programs allocate ({@code bpf_obj_new} and its kin), and what their fields and those
 * of map values keep alive. An object with a {@code bpf_refcount} lives until its last reference
 * goes. Thread-safe as far as the kernel is: lists and trees are changed under the program's lock.
 */
public final class ObjectStore {
    /**
     * What an object is.
     *
     * @param name of its C type
     * @param size bytes
     * @param fields its special fields
     * @param cpus 0 for one object, else the number of CPUs that have one each
     */
    public record Type(String name, long size, ValueFields fields, int cpus) {
        /** Distance from one CPU's object to the next. */
        public long stride() {
            return (size + 7) & -8;
        }
    }

    private final Memory memory;
    private final Heap heap;
    private final Timers timers;

    ObjectStore(Memory memory, Timers timers) {
        this.memory = memory;
        this.heap = new Heap(memory, Region.Kind.MEMORY, "allocated objects");
        this.timers = timers;
    }

    /** Makes an object of zeros with one reference; 0 if there is no room. */
    public long create(Type type) {
        long size = type.cpus() > 0 ? type.stride() * type.cpus() : type.size();
        long address = heap.allocate(size, type);
        int count = type.fields().offsetOf(ValueFields.Kind.BPF_REFCOUNT);
        if (address != 0 && count >= 0) {
            memory.putInt(address + count, 1);
        }
        return address;
    }

    /** First address of the live object that spans an address, or 0. */
    public long startOf(long address) {
        return heap.startOf(address);
    }

    /** The type of the live object that spans an address, or {@code null}. */
    public Type typeOf(long address) {
        return (Type) heap.typeOf(address);
    }

    /**
     * Takes another reference.
     *
     * @return the address, or 0 for an object without a count
     */
    public long acquire(long address) {
        Type type = typeOf(address);
        int count = type == null ? -1 : type.fields().offsetOf(ValueFields.Kind.BPF_REFCOUNT);
        if (count < 0) {
            return 0;
        }
        memory.getAndAddInt(startOf(address) + count, 1);
        return address;
    }

    /**
     * Gives a reference back; with the last, the object and all that it keeps alive end.
     *
     * @throws org.trufflebpf.failure.BpfException TRAP if there is no object
     */
    public void drop(long address) {
        Type type = typeOf(address);
        if (type != null) {
            long start = startOf(address);
            int count = type.fields().offsetOf(ValueFields.Kind.BPF_REFCOUNT);
            if (count >= 0 && memory.getAndAddInt(start + count, -1) > 1) {
                return;
            }
            for (int cpu = 0; cpu < Math.max(1, type.cpus()); cpu++) {
                long object = start + cpu * type.stride();
                type.fields().release((field, at) -> release(memory, field, at), object);
            }
            heap.free(start);
        } else {
            heap.free(address);
        }
    }

    /** Ends what a field keeps alive; {@code ordered} is the arena in the program's byte order. */
    public void release(Memory ordered, Field field, long address) {
        switch (field.kind()) {
            case BPF_TIMER, BPF_WQ, BPF_TASK_WORK -> timers.release(address);
            case BPF_KPTR -> {
                long object = ordered.getAndSetLong(address, 0);
                // objects of the simulated kernel are not counted: they live as their maker says
                if (object != 0 && startOf(object) != 0) {
                    drop(object);
                }
            }
            case BPF_LIST_HEAD -> new GraphList(memory, address).clear(this::drop);
            case BPF_RB_ROOT -> new GraphTree(memory, address).clear(this::drop);
            default -> {}
        }
    }
}
