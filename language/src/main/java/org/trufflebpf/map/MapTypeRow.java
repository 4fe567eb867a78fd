package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

/**
 * What {@code BPF_MAP_CREATE} asks of one map type; a row of {@link MapTypeTable}.
 *
 * @param type the type
 * @param key allowed {@code key_size}
 * @param value allowed {@code value_size}
 * @param entries allowed {@code max_entries}
 * @param flags creation flags that are allowed
 * @param required creation flags that must be there
 * @param factory makes the map, or {@code null} where there is none yet
 * @param note one line for the documentation; for types without a factory, the reason
 */
public record MapTypeRow(
        MapType type,
        Range key,
        Range value,
        Range entries,
        int flags,
        int required,
        Factory factory,
        String note) {

    /**
     * An interval of allowed values, both ends included.
     *
     * @param over what the kernel says above it
     */
    public record Range(long min, long max, Errno over) {
        static final long U32_MAX = 0xffffffffL;

        static Range exactly(long value) {
            return new Range(value, value, Errno.EINVAL);
        }

        static Range from(long min) {
            return new Range(min, U32_MAX, Errno.EINVAL);
        }

        static Range upTo(long min, long max, Errno over) {
            return new Range(min, max, over);
        }

        @Override
        public String toString() {
            if (min == max) {
                return Long.toString(min);
            }
            return max == U32_MAX ? min == 0 ? "any" : "at least " + min : min + " to " + max;
        }
    }

    /** Makes a map of a spec that has passed the checks. */
    @FunctionalInterface
    public interface Factory {
        BpfMap create(MapSpec spec, MapHost host, ValueFields fields, InnerMeta inner);
    }

    /** Why a map is refused. */
    record Refusal(Errno errno, String message) {}

    public boolean isSupported() {
        return factory != null;
    }

    /** Checks the attributes as the kernel does; {@code null} if they are right. */
    Refusal check(MapSpec spec) {
        if (both(spec, MapFlags.BPF_F_RDONLY | MapFlags.BPF_F_WRONLY)) {
            return oneWayTwice();
        }
        if (type == MapType.BLOOM_FILTER
                && Integer.toUnsignedLong(spec.valueSize()) > value.max()) {
            return check("value_size", value, spec.valueSize());
        }
        boolean cgroup = type == MapType.CGROUP_STORAGE || type == MapType.PERCPU_CGROUP_STORAGE;
        if (cgroup && (spec.keySize() == 8 || spec.keySize() == 16)) {
            Refusal refusal = check("value_size", value, spec.valueSize());
            if (refusal != null) {
                return refusal;
            }
        }
        if ((spec.flags() & ~flags) != 0) {
            int wrong = spec.flags() & ~flags;
            boolean lru = type == MapType.LRU_HASH || type == MapType.LRU_PERCPU_HASH;
            return new Refusal(
                    lru && wrong == MapFlags.BPF_F_NO_PREALLOC ? Errno.ENOTSUPP : Errno.EINVAL,
                    "map_flags " + MapFlags.names(wrong) + " do not exist for this type");
        }
        if ((spec.flags() & required) != required) {
            return invalid("map_flags lack " + MapFlags.names(required & ~spec.flags()));
        }
        if (both(spec, MapFlags.BPF_F_RDONLY_PROG | MapFlags.BPF_F_WRONLY_PROG)) {
            return oneWayTwice();
        }
        if (spec.mapExtra() != 0 && type != MapType.BLOOM_FILTER && type != MapType.ARENA) {
            return invalid(
                    "map_extra "
                            + Long.toUnsignedString(spec.mapExtra())
                            + ", where this type takes none");
        }
        Refusal refusal =
                worse(
                        check("key_size", key, spec.keySize()),
                        check("value_size", value, spec.valueSize()));
        return worse(refusal, check("max_entries", entries, spec.maxEntries()));
    }

    /** The one that the kernel would tell of: it looks for what is too big last. */
    static Refusal worse(Refusal first, Refusal second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return first.errno() == Errno.E2BIG ? second : first;
    }

    private static Refusal oneWayTwice() {
        return invalid("map_flags are read-only and write-only at the same time");
    }

    private static boolean both(MapSpec spec, int mask) {
        return (spec.flags() & mask) == mask;
    }

    private static Refusal check(String attribute, Range range, int actual) {
        long number = Integer.toUnsignedLong(actual);
        if (number >= range.min() && number <= range.max()) {
            return null;
        }
        return new Refusal(
                number > range.max() ? range.over() : Errno.EINVAL,
                attribute + " " + number + ", where this type takes " + range);
    }

    static Refusal invalid(String message) {
        return new Refusal(Errno.EINVAL, message);
    }
}
