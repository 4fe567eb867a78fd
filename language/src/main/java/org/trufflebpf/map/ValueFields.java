package org.trufflebpf.map;

import org.trufflebpf.memory.Memory;

import java.util.Comparator;
import java.util.List;

/**
 * The parts of a map's value that are not plain bytes, found by BTF (kernel: {@code struct
 * btf_record}): a spin lock, a timer and the like. Updates leave them as they are, and user space
 * reads zeros there.
 *
 * @param fields sorted by offset
 */
public record ValueFields(List<Field> fields) {
    /** A value of plain bytes. */
    public static final ValueFields NONE = new ValueFields(List.of());

    private static final int INLINE_COPY = 128;

    /** What a field is; the name is that of its C structure. */
    public enum Kind {
        BPF_SPIN_LOCK(4, false),
        BPF_RES_SPIN_LOCK(4, false),
        BPF_TIMER(16, true),
        BPF_WQ(16, true),
        BPF_TASK_WORK(8, true),
        BPF_KPTR(8, true),
        BPF_LIST_HEAD(16, true),
        BPF_LIST_NODE(24, false),
        BPF_RB_ROOT(16, true),
        BPF_RB_NODE(32, false),
        BPF_REFCOUNT(4, false);

        private final int size;
        private final boolean owns;

        Kind(int size, boolean owns) {
            this.size = size;
            this.owns = owns;
        }

        /** Whether a field may keep something alive that must be ended with the value. */
        public boolean owns() {
            return owns;
        }

        /** Bytes of one field. */
        public int size() {
            return size;
        }
    }

    /**
     * One field, {@code offset} bytes into the value.
     *
     * @param typeId of a kptr the BTF type it points to, of a list head or tree root the type of
     *     its elements, in the object's BTF; else 0
     * @param nodeOffset of a list head or tree root where the node lies in an element; else 0
     */
    public record Field(Kind kind, int offset, int typeId, int nodeOffset) {
        /** A field that refers to nothing. */
        public Field(Kind kind, int offset) {
            this(kind, offset, 0, 0);
        }
    }

    public ValueFields {
        fields = fields.stream().sorted(Comparator.comparingInt(Field::offset)).toList();
    }

    /** Offset of the {@code bpf_spin_lock}, or -1. */
    public int lockOffset() {
        return offsetOf(Kind.BPF_SPIN_LOCK);
    }

    /** Offset of the first field of that kind, or -1. */
    public int offsetOf(Kind kind) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).kind() == kind) {
                return fields.get(i).offset();
            }
        }
        return -1;
    }

    /** The field that starts there, or {@code null}. */
    public Field at(int offset) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).offset() == offset) {
                return fields.get(i);
            }
        }
        return null;
    }

    /** Whether a value may keep something alive. */
    public boolean own() {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).kind().owns()) {
                return true;
            }
        }
        return false;
    }

    /** Ends what a value keeps alive (kernel: {@code bpf_obj_free_fields}). */
    public void release(FieldReleaser releaser, long value) {
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            if (field.kind().owns()) {
                releaser.release(field, value + field.offset());
            }
        }
    }

    public boolean hasLock() {
        return lockOffset() >= 0;
    }

    /** Copies what lies between the fields. */
    void copy(Memory memory, long from, long to, int size) {
        int done = 0;
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            copyBytes(memory, from + done, to + done, field.offset() - done);
            done = field.offset() + field.kind().size();
        }
        copyBytes(memory, from + done, to + done, size - done);
    }

    /** As {@link #copy}, from an array. */
    void write(Memory memory, byte[] from, int fromOffset, long to, int size) {
        int done = 0;
        for (Field field : fields) {
            memory.write(to + done, from, fromOffset + done, field.offset() - done);
            done = field.offset() + field.kind().size();
        }
        memory.write(to + done, from, fromOffset + done, size - done);
    }

    /** Copies a value to an array, with zeros in place of the fields. */
    void read(Memory memory, long from, byte[] to, int toOffset, int size) {
        memory.read(from, to, toOffset, size);
        for (Field field : fields) {
            for (int i = 0; i < field.kind().size(); i++) {
                to[toOffset + field.offset() + i] = 0;
            }
        }
    }

    /** Sets the fields of a fresh value to zero. */
    public void init(Memory memory, long value) {
        for (int i = 0; i < fields.size(); i++) {
            memory.fill(value + fields.get(i).offset(), fields.get(i).kind().size(), (byte) 0);
        }
    }

    /**
     * Copies by words, so that a reader at the same time sees whole words; large runs by the
     * system's copy.
     */
    static void copyBytes(Memory memory, long from, long to, int size) {
        if (size > INLINE_COPY) {
            memory.copy(from, to, size);
            return;
        }
        int i = 0;
        for (; i + 8 <= size; i += 8) {
            memory.putLong(to + i, memory.getLong(from + i));
        }
        if (i + 4 <= size) {
            memory.putInt(to + i, memory.getInt(from + i));
            i += 4;
        }
        for (; i < size; i++) {
            memory.putByte(to + i, memory.getByte(from + i));
        }
    }
}
