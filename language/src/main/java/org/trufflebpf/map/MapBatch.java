package org.trufflebpf.map;

import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * The batch operations of user space, {@code BPF_MAP_LOOKUP_BATCH} and its kin: many elements by
 * one call, with a cursor between calls. A hash map gives whole buckets, and its cursor is the
 * number of the next one in 4 bytes; the other types go on from a key.
 *
 * <p>What is refused before anything happened throws; what ends a batch midway is the errno of its
 * {@link Result}, together with what was done until then.
 */
public final class MapBatch {
    /** The four commands of {@code bpf()}. */
    public enum Command {
        LOOKUP,
        LOOKUP_AND_DELETE,
        UPDATE,
        DELETE;

        boolean reads() {
            return this == LOOKUP || this == LOOKUP_AND_DELETE;
        }

        boolean writes() {
            return this != LOOKUP;
        }
    }

    /**
     * What a batch came to.
     *
     * @param errno why it ended early, or {@code null}; {@code ENOENT} of a lookup: nothing is left
     * @param count elements that were done
     * @param cursor where the next lookup goes on, {@code null} where the kernel tells none
     * @param keys of a lookup: the keys, one behind the other
     * @param values their values in user space's form
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of buffers, never compared
    public record Result(Errno errno, int count, byte[] cursor, byte[] keys, byte[] values) {}

    private static final byte[] NOTHING = {};
    private static final Result IDLE = new Result(null, 0, null, NOTHING, NOTHING);

    private final BpfMap map;

    public MapBatch(BpfMap map) {
        this.map = map;
    }

    /** What a type has. */
    public static Set<Command> commands(MapType type) {
        return switch (type) {
            case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, HASH_OF_MAPS ->
                    EnumSet.allOf(Command.class);
            case LPM_TRIE -> EnumSet.of(Command.LOOKUP, Command.UPDATE, Command.DELETE);
            case ARRAY, PERCPU_ARRAY, ARRAY_OF_MAPS -> EnumSet.of(Command.LOOKUP, Command.UPDATE);
            default -> EnumSet.noneOf(Command.class);
        };
    }

    private void begin(Command command, long flags) {
        if (command.reads()) {
            map.checkReadable();
        }
        if (command.writes()) {
            map.checkWritable();
        }
        if (!commands(map.type()).contains(command)) {
            throw map.error(Errno.ENOTSUPP, "no batch of this kind");
        }
        map.checkLookupFlags(flags);
    }

    /**
     * {@code BPF_MAP_LOOKUP_BATCH}.
     *
     * @param cursor what the call before gave, {@code null} at the beginning
     * @param max elements at the most
     */
    public Result lookup(byte[] cursor, int max, long flags) {
        begin(Command.LOOKUP, flags);
        if (max == 0) {
            return IDLE;
        }
        return map instanceof AbstractHashMap hash
                ? buckets(hash, cursor, max, flags, false)
                : keys(cursor, max, flags);
    }

    /** {@code BPF_MAP_LOOKUP_AND_DELETE_BATCH}. */
    public Result take(byte[] cursor, int max, long flags) {
        begin(Command.LOOKUP_AND_DELETE, flags);
        return max == 0 ? IDLE : buckets((AbstractHashMap) map, cursor, max, flags, true);
    }

    /** Whole buckets, as many as fit: kernel {@code __htab_map_lookup_and_delete_batch}. */
    private Result buckets(
            AbstractHashMap hash, byte[] cursor, int max, long flags, boolean delete) {
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        int bucket = cursor == null ? 0 : bucket(cursor);
        int buckets = hash.table.buckets();
        if (Integer.compareUnsigned(bucket, buckets) >= 0) {
            return new Result(Errno.ENOENT, 0, null, NOTHING, NOTHING);
        }
        int count = 0;
        Errno errno = Errno.ENOENT;
        for (; bucket < buckets; bucket++) {
            int room = max - count;
            int length = hash.copyBucket(bucket, room, flags, delete, keys, values);
            if (length > room) {
                errno = count == 0 ? Errno.ENOSPC : null;
                break;
            }
            count += length;
        }
        byte[] next = ByteBuffer.allocate(4).order(map.memory().order()).putInt(bucket).array();
        return new Result(errno, count, next, keys.toByteArray(), values.toByteArray());
    }

    private int bucket(byte[] cursor) {
        if (cursor.length != 4) {
            throw map.error(
                    Errno.EINVAL, "a cursor of " + cursor.length + " bytes, where it takes 4");
        }
        return ByteBuffer.wrap(cursor).order(map.memory().order()).getInt();
    }

    /** One key after the other: kernel {@code generic_map_lookup_batch}. */
    private Result keys(byte[] cursor, int max, long flags) {
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        byte[] key = cursor;
        int count = 0;
        while (count != max) {
            byte[] next = map.nextKey(key);
            if (next == null) {
                break;
            }
            key = next;
            byte[] value = map.get(key, flags);
            // absent: an empty slot, or deleted meanwhile
            if (value != null) {
                keys.writeBytes(key);
                values.writeBytes(value);
                count++;
            }
        }
        return new Result(
                count == max ? null : Errno.ENOENT,
                count,
                count == 0 ? null : key,
                keys.toByteArray(),
                values.toByteArray());
    }

    /**
     * {@code BPF_MAP_UPDATE_BATCH}; ends with the first element that cannot be set.
     *
     * @param keys keys, one behind the other
     * @param values as many values in user space's form
     */
    public Result update(byte[] keys, byte[] values, long flags) {
        begin(Command.UPDATE, flags);
        int size = map.userValueSize();
        int count = count(keys);
        if (values.length != (long) count * size) {
            throw map.error(
                    Errno.EINVAL,
                    "values of " + values.length + " bytes for " + count + " keys of " + size);
        }
        return each(
                keys,
                (key, i) ->
                        map.put(key, Arrays.copyOfRange(values, i * size, (i + 1) * size), flags));
    }

    /** {@code BPF_MAP_DELETE_BATCH}; ends with the first key that cannot be deleted. */
    public Result delete(byte[] keys, long flags) {
        begin(Command.DELETE, flags);
        return each(keys, (key, i) -> map.remove(key));
    }

    /** What is done to one element of a batch. */
    @FunctionalInterface
    private interface Step {
        void run(byte[] key, int index);
    }

    private Result each(byte[] keys, Step step) {
        int count = count(keys);
        for (int i = 0; i < count; i++) {
            try {
                step.run(Arrays.copyOfRange(keys, i * map.keySize(), (i + 1) * map.keySize()), i);
            } catch (MapException e) {
                return new Result(e.errno(), i, null, NOTHING, NOTHING);
            }
        }
        return new Result(null, count, null, NOTHING, NOTHING);
    }

    private int count(byte[] keys) {
        if (keys.length % map.keySize() != 0) {
            throw map.error(
                    Errno.EINVAL,
                    "keys of " + keys.length + " bytes, where one has " + map.keySize());
        }
        return keys.length / map.keySize();
    }
}
