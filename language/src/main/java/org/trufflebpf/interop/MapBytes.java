package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.UnsupportedTypeException;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.ArrayMap;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapBatch;
import org.trufflebpf.map.MapException;
import org.trufflebpf.map.PerfEventArrayMap;
import org.trufflebpf.map.RingbufMap;

import java.util.List;
import java.util.function.Supplier;

/**
 * A map as user space has it through {@code bpf()}: keys and values are bytes, an operation that
 * fails raises an error with the member {@code errno}. Methods: {@code lookup(key, flags)}, {@code
 * update(key, value, flags)}, {@code delete(key)}, {@code nextKey(key)} with null before the first
 * and after the last, {@code lookupAndDelete(key)}, {@code poll()}, which takes the next record of
 * a ring buffer or perf event array, and, of an array, {@code readAt(offset, size)} and {@code
 * writeAt(offset, bytes)}, for which a loader maps its values into memory; {@code
 * lookupBatch(cursor, count, flags)}, {@code lookupAndDeleteBatch(cursor, count, flags)}, {@code
 * updateBatch(keys, values, flags)}, {@code deleteBatch(keys, flags)}, which give a record of what
 * the batch came to. Flags are 0 where they are left out.
 *
 * <p>The value of a per-CPU map is that of every CPU in turn, each rounded up to 8 bytes; {@code
 * valueSize} is the size of all.
 */
final class MapBytes extends Members {
    private static final List<String> NAMES =
            List.of(
                    "valueSize",
                    "lookup",
                    "update",
                    "delete",
                    "nextKey",
                    "lookupAndDelete",
                    "lookupBatch",
                    "lookupAndDeleteBatch",
                    "updateBatch",
                    "deleteBatch",
                    "poll",
                    "readAt",
                    "writeAt");

    private final BpfMap map;

    MapBytes(BpfMap map) {
        this.map = map;
    }

    @Override
    Object identity() {
        return List.of(NAMES, map);
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        return switch (name) {
            case "valueSize" -> map.userValueSize();
            case "lookup" ->
                    new MethodValue(
                            1,
                            2,
                            arguments -> {
                                byte[] key = Arguments.bytes(arguments[0], "key");
                                long flags = flags(arguments, 1);
                                return bytes(() -> map.get(key, flags));
                            });
            case "update" ->
                    new MethodValue(
                            2,
                            3,
                            arguments -> {
                                byte[] key = Arguments.bytes(arguments[0], "key");
                                byte[] value = Arguments.bytes(arguments[1], "value");
                                long flags = flags(arguments, 2);
                                return bytes(
                                        () -> {
                                            map.put(key, value, flags);
                                            return null;
                                        });
                            });
            case "delete" ->
                    new MethodValue(
                            1,
                            1,
                            arguments -> {
                                byte[] key = Arguments.bytes(arguments[0], "key");
                                return bytes(
                                        () -> {
                                            map.remove(key);
                                            return null;
                                        });
                            });
            case "nextKey" ->
                    new MethodValue(
                            1,
                            1,
                            arguments -> {
                                byte[] key = Arguments.bytes(arguments[0], "key");
                                return bytes(() -> map.nextKey(key));
                            });
            case "lookupAndDelete" ->
                    new MethodValue(
                            1,
                            1,
                            arguments -> {
                                byte[] key = Arguments.bytes(arguments[0], "key");
                                return bytes(() -> map.take(key));
                            });
            case "lookupBatch" -> lookups(MapBatch::lookup);
            case "lookupAndDeleteBatch" -> lookups(MapBatch::take);
            case "updateBatch" ->
                    new MethodValue(
                            2,
                            3,
                            arguments -> {
                                byte[] keys = given(arguments[0], "keys");
                                byte[] values = given(arguments[1], "values");
                                long flags = flags(arguments, 2);
                                return done(
                                        run(() -> new MapBatch(map).update(keys, values, flags)));
                            });
            case "deleteBatch" ->
                    new MethodValue(
                            1,
                            2,
                            arguments -> {
                                byte[] keys = given(arguments[0], "keys");
                                long flags = flags(arguments, 1);
                                return done(run(() -> new MapBatch(map).delete(keys, flags)));
                            });
            case "readAt" ->
                    new MethodValue(
                            2,
                            2,
                            arguments -> {
                                long size = Arguments.number(arguments, 1);
                                long address = at(Arguments.number(arguments, 0), size);
                                return new BytesValue(map.memory().read(address, (int) size));
                            });
            case "writeAt" ->
                    new MethodValue(
                            2,
                            2,
                            arguments -> {
                                byte[] given = Arguments.bytes(arguments[1], "bytes");
                                long address = at(Arguments.number(arguments, 0), given.length);
                                map.memory().write(address, given);
                                return NullValue.INSTANCE;
                            });
            case "poll" -> new MethodValue(0, 0, arguments -> bytes(this::poll));
            default -> null;
        };
    }

    private static long flags(Object[] arguments, int index) throws UnsupportedTypeException {
        return arguments.length > index ? Arguments.number(arguments, index) : 0;
    }

    private static int count(Object[] arguments, int index) throws UnsupportedTypeException {
        long count = Arguments.number(arguments, index);
        if (count < 0 || count > Integer.MAX_VALUE) {
            throw BpfException.usage(
                    "the count of a batch is " + count + ", outside 0 to " + Integer.MAX_VALUE);
        }
        return (int) count;
    }

    /** Bytes that may not be null. */
    private static byte[] given(Object argument, String name) {
        byte[] bytes = Arguments.bytes(argument, name);
        if (bytes == null) {
            throw BpfException.usage("the " + name + " of a batch are null");
        }
        return bytes;
    }

    /** What a batch did: {@code errno}, the name or null, and {@code count}. */
    private static RecordValue done(MapBatch.Result result) {
        return new RecordValue()
                .with("errno", result.errno() == null ? null : result.errno().name())
                .with("count", result.count());
    }

    /** A lookup in batches, of one kind or the other. */
    @FunctionalInterface
    private interface Lookup {
        MapBatch.Result run(MapBatch batch, byte[] cursor, int count, long flags);
    }

    /** What a batch did and found: also {@code cursor}, {@code keys}, {@code values}. */
    private MethodValue lookups(Lookup lookup) {
        return new MethodValue(
                2,
                3,
                arguments -> {
                    byte[] cursor = Arguments.bytes(arguments[0], "cursor");
                    int count = count(arguments, 1);
                    long flags = flags(arguments, 2);
                    MapBatch.Result result =
                            run(() -> lookup.run(new MapBatch(map), cursor, count, flags));
                    return done(result)
                            .with("cursor", BytesValue.orNull(result.cursor()))
                            .with("keys", new BytesValue(result.keys()))
                            .with("values", new BytesValue(result.values()));
                });
    }

    private static <T> T run(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (MapException e) {
            throw new EbpfError(e);
        }
    }

    private static Object bytes(Supplier<byte[]> operation) {
        return BytesValue.orNull(run(operation));
    }

    private byte[] poll() {
        return switch (map) {
            case RingbufMap ring -> ring.poll();
            case PerfEventArrayMap perf -> {
                byte[] record = null;
                for (int cpu = 0; cpu < map.cpus() && record == null; cpu++) {
                    record = perf.poll(cpu);
                }
                yield record;
            }
            default ->
                    throw BpfException.usage(
                            "poll is for ring buffers and perf event arrays, not for " + map);
        };
    }

    /** The address of bytes that lie within the values of an array. */
    private long at(long offset, long size) {
        if (!(map instanceof ArrayMap array)) {
            throw BpfException.usage("only an array can be read and written in part, not " + map);
        }
        long all = (long) array.slotSize() * Integer.toUnsignedLong(map.maxEntries());
        if (offset < 0 || size < 0 || size > all || offset > all - size) {
            throw BpfException.usage(
                    size
                            + " bytes at offset "
                            + offset
                            + " do not lie within the values of "
                            + map);
        }
        return array.valuesStart() + offset;
    }
}
