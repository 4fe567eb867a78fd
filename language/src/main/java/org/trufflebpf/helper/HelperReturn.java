package org.trufflebpf.helper;

import org.trufflebpf.helper.HelperArg.Flag;

import java.util.EnumSet;
import java.util.Set;

/**
 * The result of a helper.
 *
 * @param kind what r0 holds
 * @param flags {@code NULL}: may be NULL; {@code RINGBUF}: a reserved record; and the like
 * @param type name of the kernel's type for BTF ids, or {@code null}
 */
public record HelperReturn(ReturnKind kind, Set<Flag> flags, String type) {
    public HelperReturn {
        flags = Set.copyOf(flags);
    }

    static HelperReturn parse(String text) {
        String[] parts = text.split("\\|");
        int equals = parts[0].indexOf('=');
        String detail = equals < 0 ? null : parts[0].substring(equals + 1);
        EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
        for (int i = 1; i < parts.length; i++) {
            flags.add(Flag.valueOf(parts[i]));
        }
        return new HelperReturn(
                ReturnKind.valueOf(equals < 0 ? parts[0] : parts[0].substring(0, equals)),
                flags,
                detail);
    }

    public boolean has(Flag flag) {
        return flags.contains(flag);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.name());
        if (type != null) {
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
