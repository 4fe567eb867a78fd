package org.trufflebpf.map;

import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelBpfException;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.MapType;

import java.util.HexFormat;

/**
 * User space's operations on a map, ours or the kernel's, with results as text: {@code ok}, bytes
 * in hex, {@code none}, or the name of an errno.
 */
abstract class MapFace implements AutoCloseable {
    static final String NONE = "none";

    /** An operation that may fail with an errno. */
    private interface Operation {
        byte[] run();
    }

    private static final byte[] OK = new byte[0];

    abstract byte[] doGet(byte[] key);

    abstract byte[] doTake(byte[] key);

    abstract void doPut(byte[] key, byte[] value, long flags);

    abstract boolean doRemove(byte[] key);

    abstract byte[] doNextKey(byte[] key);

    /** A batch; {@code keys} null for a lookup. */
    abstract MapBatch.Result doBatch(
            MapBatch.Command command,
            byte[] cursor,
            byte[] keys,
            byte[] values,
            int count,
            long flags);

    /** What a batch comes to, or the errno by which it is refused. */
    final MapBatch.Result batch(
            MapBatch.Command command,
            byte[] cursor,
            byte[] keys,
            byte[] values,
            int count,
            long flags) {
        try {
            return doBatch(command, cursor, keys, values, count, flags);
        } catch (MapException e) {
            return new MapBatch.Result(e.errno(), -1, null, OK, OK);
        }
    }

    @Override
    public void close() {}

    @SuppressWarnings("ReferenceEquality") // OK is a token
    private static String result(Operation operation) {
        try {
            byte[] bytes = operation.run();
            return bytes == null ? NONE : bytes == OK ? "ok" : HexFormat.of().formatHex(bytes);
        } catch (MapException e) {
            return e.errno().name();
        } catch (KernelBpfException e) {
            Errno errno = Errno.of(e.errno());
            return errno == null ? "errno " + e.errno() : errno.name();
        }
    }

    final String get(byte[] key) {
        return result(() -> doGet(key));
    }

    final String take(byte[] key) {
        return result(() -> doTake(key));
    }

    final String put(byte[] key, byte[] value, long flags) {
        return result(
                () -> {
                    doPut(key, value, flags);
                    return OK;
                });
    }

    final String remove(byte[] key) {
        return result(() -> doRemove(key) ? OK : null);
    }

    final String nextKey(byte[] key) {
        return result(() -> doNextKey(key));
    }

    /** The map here. */
    static MapFace of(BpfMap map) {
        return new MapFace() {
            @Override
            byte[] doGet(byte[] key) {
                return map.get(key);
            }

            @Override
            byte[] doTake(byte[] key) {
                return map.take(key);
            }

            @Override
            void doPut(byte[] key, byte[] value, long flags) {
                map.put(key, value, flags);
            }

            @Override
            boolean doRemove(byte[] key) {
                try {
                    map.remove(key);
                    return true;
                } catch (MapException e) {
                    if (e.errno() == Errno.ENOENT) {
                        return false;
                    }
                    throw e;
                }
            }

            @Override
            byte[] doNextKey(byte[] key) {
                return map.nextKey(key);
            }

            @Override
            MapBatch.Result doBatch(
                    MapBatch.Command command,
                    byte[] cursor,
                    byte[] keys,
                    byte[] values,
                    int count,
                    long flags) {
                MapBatch batch = new MapBatch(map);
                return switch (command) {
                    case LOOKUP -> batch.lookup(cursor, count, flags);
                    case LOOKUP_AND_DELETE -> batch.take(cursor, count, flags);
                    case UPDATE -> batch.update(keys, values, flags);
                    case DELETE -> batch.delete(keys, flags);
                };
            }
        };
    }

    /** The kernel's map of a file descriptor, which is closed with this. */
    static MapFace ofKernel(int fd) {
        return new MapFace() {
            @Override
            byte[] doGet(byte[] key) {
                return KernelBpf.mapLookup(fd, key);
            }

            @Override
            byte[] doTake(byte[] key) {
                return KernelBpf.mapLookupAndDelete(fd, key);
            }

            @Override
            void doPut(byte[] key, byte[] value, long flags) {
                KernelBpf.mapUpdate(fd, key, value, flags);
            }

            @Override
            boolean doRemove(byte[] key) {
                return KernelBpf.mapDelete(fd, key);
            }

            @Override
            byte[] doNextKey(byte[] key) {
                return KernelBpf.mapNextKey(fd, key);
            }

            @Override
            MapBatch.Result doBatch(
                    MapBatch.Command command,
                    byte[] cursor,
                    byte[] keys,
                    byte[] values,
                    int count,
                    long flags) {
                KernelBpf.MapInfo info = KernelBpf.mapInfo(fd);
                MapType type = MapType.of(info.type());
                // a hash map's cursor is the number of a bucket
                boolean keyed = type == MapType.LPM_TRIE || type.name().contains("ARRAY");
                KernelBpf.Batch done =
                        KernelBpf.mapBatch(
                                fd,
                                command.ordinal(),
                                cursor,
                                keyed ? info.keySize() : 4,
                                keys,
                                values,
                                count,
                                flags);
                Errno errno = done.errno() == 0 ? null : Errno.of(done.errno());
                if (errno == Errno.ENOTSUPP
                        || errno == Errno.EPERM
                        || (flags != 0 && errno == Errno.EINVAL)) {
                    throw new MapException(errno, "refused");
                }
                return new MapBatch.Result(
                        errno, done.count(), done.cursor(), done.keys(), done.values());
            }

            @Override
            public void close() {
                KernelBpf.close(fd);
            }
        };
    }
}
