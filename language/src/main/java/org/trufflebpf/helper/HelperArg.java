package org.trufflebpf.helper;

import java.util.EnumSet;
import java.util.Set;

/**
 * One argument of a helper.
 *
 * @param kind what it is
 * @param flags the kernel's {@code enum bpf_type_flag} bits
 * @param size bytes of memory of fixed size, or 0 where the next argument gives the size
 * @param type name of the kernel's type for BTF ids, or {@code null}
 */
public record HelperArg(ArgKind kind, Set<Flag> flags, int size, String type) {
    /** {@code enum bpf_type_flag}, without the kernel's prefixes. */
    public enum Flag {
        /** NULL is allowed. */
        NULL,
        /** The helper only reads. */
        RDONLY,
        /** The memory needs no contents before the call. */
        UNINIT,
        /** The helper writes. */
        WRITE,
        /** Aligned to its size. */
        ALIGNED,
        /** The call gives up the reference. */
        RELEASE,
        TRUSTED,
        UNTRUSTED,
        RCU,
        USER,
        PERCPU,
        ALLOC,
        /** A dynptr of a ring buffer record. */
        RINGBUF,
        /** A dynptr of local memory. */
        LOCAL,
        SKB,
        XDP
    }

    public HelperArg {
        flags = Set.copyOf(flags);
    }

    /** Parses {@code KIND[=type or size][|FLAG...]}. */
    static HelperArg parse(String text) {
        String[] parts = text.split("\\|");
        String head = parts[0];
        int equals = head.indexOf('=');
        String detail = equals < 0 ? null : head.substring(equals + 1);
        ArgKind kind = ArgKind.valueOf(equals < 0 ? head : head.substring(0, equals));
        EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
        for (int i = 1; i < parts.length; i++) {
            flags.add(Flag.valueOf(parts[i]));
        }
        boolean sized = kind == ArgKind.MEM && detail != null;
        return new HelperArg(
                kind, flags, sized ? Integer.parseInt(detail) : 0, sized ? null : detail);
    }

    public boolean has(Flag flag) {
        return flags.contains(flag);
    }

    /** Whether NULL is allowed. */
    public boolean nullable() {
        return has(Flag.NULL);
    }

    /** Whether the helper writes through the pointer. */
    public boolean written() {
        return has(Flag.WRITE);
    }

    /** Whether this is memory whose size the next argument gives. */
    public boolean isSizedByNext() {
        return kind == ArgKind.MEM && size == 0;
    }

    public boolean isSize() {
        return kind == ArgKind.CONST_SIZE || kind == ArgKind.CONST_SIZE_OR_ZERO;
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.name());
        if (size > 0) {
            text.append('=').append(size);
        } else if (type != null) {
            text.append('=').append(type);
        }
        for (Flag flag : Flag.values()) {
            if (flags.contains(flag)) {
                text.append('|').append(flag);
            }
        }
        return text.toString();
    }
}
