package org.trufflebpf.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code bpf()} system call of the running kernel, the oracle of the parity tests.
 *
 * <p>One static method per command, file descriptors as plain ints, failures as {@link
 * KernelBpfException}. No process is started, so that randomized tests can load and run thousands
 * of programs per second. The field offsets are those of {@code union bpf_attr} in {@code
 * include/uapi/linux/bpf.h}.
 */
public final class KernelBpf {
    private static final int ATTR_SIZE = 144;
    private static final int CMD_MAP_CREATE = 0;
    private static final int CMD_MAP_LOOKUP = 1;
    private static final int CMD_MAP_UPDATE = 2;
    private static final int CMD_MAP_DELETE = 3;
    private static final int CMD_MAP_GET_NEXT_KEY = 4;
    private static final int CMD_PROG_LOAD = 5;
    private static final int CMD_OBJ_GET = 7;
    private static final int CMD_PROG_TEST_RUN = 10;
    private static final int CMD_OBJ_GET_INFO = 15;
    private static final int CMD_RAW_TRACEPOINT_OPEN = 17;
    private static final int CMD_MAP_LOOKUP_AND_DELETE = 21;
    private static final int CMD_MAP_FREEZE = 22;
    private static final int CMD_MAP_BATCH = 24;
    private static final int CMD_PROG_STREAM_READ = 37;

    /**
     * Instead of an output capacity: the context comes back where it was given (syscall programs).
     */
    public static final int IN_PLACE = -2;

    private static final int LOG_CAPACITY = 1 << 20;
    private static final int STREAM_CAPACITY = 1 << 17;

    private static volatile String refusal;

    private KernelBpf() {}

    /** What {@code BPF_PROG_TEST_RUN} gave: {@code retval} unsigned, absent output as null. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of buffers, never compared
    public record TestRun(long retval, byte[] dataOut, byte[] ctxOut, int durationNs) {}

    /** The kernel's facts about a map. */
    public record MapInfo(
            int type, int id, int keySize, int valueSize, int maxEntries, int flags, String name) {
        private static final int PERCPU_HASH = 5;
        private static final int PERCPU_ARRAY = 6;
        private static final int LRU_PERCPU_HASH = 10;
        private static final int PERCPU_CGROUP_STORAGE = 21;

        /** Whether a value read from user space has one part for each possible CPU. */
        public boolean isPerCpu() {
            return type == PERCPU_HASH
                    || type == PERCPU_ARRAY
                    || type == LRU_PERCPU_HASH
                    || type == PERCPU_CGROUP_STORAGE;
        }

        /** Bytes of one value as user space sees it: per-CPU values are rounded up to 8 each. */
        public int userValueSize() {
            return isPerCpu() ? (valueSize + 7 & ~7) * possibleCpus() : valueSize;
        }
    }

    /** Null where this process may use {@code bpf()}, else one line that says why not. */
    public static String refusal() {
        String known = refusal;
        if (known == null) {
            known = probe();
            refusal = known;
        }
        return known.isEmpty() ? null : known;
    }

    /** Whether programs can be loaded and run in the kernel by this process. */
    public static boolean isPermitted() {
        return refusal() == null;
    }

    private static String probe() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "not Linux";
        }
        String arch = System.getProperty("os.arch");
        if (!arch.equals("amd64") && !arch.equals("aarch64")) {
            return "bpf() system call number unknown for " + arch;
        }
        // r0 = 0; exit
        byte[] insns = {(byte) 0xb7, 0, 0, 0, 0, 0, 0, 0, (byte) 0x95, 0, 0, 0, 0, 0, 0, 0};
        try {
            int fd = progLoad(6, 0, insns, "GPL", 0);
            try {
                testRun(fd, new byte[64], null, 1, 0, 0);
            } finally {
                close(fd);
            }
            return "";
        } catch (KernelBpfException e) {
            return "bpf() refused: " + KernelBpfException.errnoName(e.errno());
        }
    }

    // region programs

    /**
     * Loads raw instructions.
     *
     * @param type {@code enum bpf_prog_type}
     * @param expectedAttachType {@code enum bpf_attach_type}, 0 if it does not matter
     * @param insns 8 bytes per instruction, host byte order
     * @param logLevel 0 for no log unless the program is refused, 1 or 2 as in the kernel
     * @return the file descriptor
     * @throws KernelBpfException with errno and the verifier's log
     */
    public static int progLoad(
            int type, int expectedAttachType, byte[] insns, String license, int logLevel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(ValueLayout.JAVA_INT, 0, type);
            attr.set(ValueLayout.JAVA_INT, 4, insns.length / 8);
            MemorySegment code = arena.allocate(Math.max(8, insns.length), 8);
            MemorySegment.copy(insns, 0, code, ValueLayout.JAVA_BYTE, 0, insns.length);
            attr.set(ValueLayout.JAVA_LONG, 8, code.address());
            attr.set(ValueLayout.JAVA_LONG, 16, arena.allocateFrom(license).address());
            attr.set(ValueLayout.JAVA_INT, 68, expectedAttachType);
            if (logLevel == 0) {
                long fd = bpf(CMD_PROG_LOAD, attr);
                if (fd >= 0) {
                    return (int) fd;
                }
            }
            MemorySegment log = arena.allocate(LOG_CAPACITY);
            attr.set(ValueLayout.JAVA_INT, 24, Math.max(1, logLevel));
            attr.set(ValueLayout.JAVA_INT, 28, LOG_CAPACITY);
            attr.set(ValueLayout.JAVA_LONG, 32, log.address());
            long fd = bpf(CMD_PROG_LOAD, attr);
            if (fd < 0) {
                throw new KernelBpfException("BPF_PROG_LOAD", (int) -fd, log.getString(0));
            }
            return (int) fd;
        }
    }

    /** Runs a program once or more; data and context come back in buffers large enough for both. */
    public static TestRun testRun(
            int fd, byte[] dataIn, byte[] ctxIn, int repeat, int flags, int cpu) {
        int dataOut = dataIn == null ? -1 : dataIn.length + 4096;
        int ctxOut = ctxIn == null ? -1 : Math.max(256, ctxIn.length);
        return testRun(fd, dataIn, ctxIn, repeat, flags, cpu, dataOut, ctxOut);
    }

    /**
     * Runs a program with explicit output capacities.
     *
     * @param dataIn input data, null for none (the two are told apart by some program types)
     * @param ctxIn input context, null for none
     * @param dataOutCapacity room for the data that come back, -1 for no output buffer
     * @param ctxOutCapacity room for the context that comes back, -1 for no output buffer, or
     *     {@link #IN_PLACE}
     */
    public static TestRun testRun(
            int fd,
            byte[] dataIn,
            byte[] ctxIn,
            int repeat,
            int flags,
            int cpu,
            int dataOutCapacity,
            int ctxOutCapacity) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(ValueLayout.JAVA_INT, 0, fd);
            if (dataIn != null) {
                attr.set(ValueLayout.JAVA_INT, 8, dataIn.length);
                attr.set(ValueLayout.JAVA_LONG, 16, copyIn(arena, dataIn).address());
            }
            MemorySegment dataOut = null;
            if (dataOutCapacity >= 0) {
                dataOut = arena.allocate(Math.max(1, dataOutCapacity));
                attr.set(ValueLayout.JAVA_INT, 12, dataOutCapacity);
                attr.set(ValueLayout.JAVA_LONG, 24, dataOut.address());
            }
            attr.set(ValueLayout.JAVA_INT, 32, repeat);
            MemorySegment ctxOut = null;
            if (ctxIn != null) {
                MemorySegment context = copyIn(arena, ctxIn);
                attr.set(ValueLayout.JAVA_INT, 40, ctxIn.length);
                attr.set(ValueLayout.JAVA_LONG, 48, context.address());
                ctxOut = ctxOutCapacity == IN_PLACE ? context : null;
            }
            if (ctxOutCapacity >= 0) {
                ctxOut = arena.allocate(Math.max(1, ctxOutCapacity));
                attr.set(ValueLayout.JAVA_INT, 44, ctxOutCapacity);
                attr.set(ValueLayout.JAVA_LONG, 56, ctxOut.address());
            }
            attr.set(ValueLayout.JAVA_INT, 64, flags);
            attr.set(ValueLayout.JAVA_INT, 68, cpu);
            long result = bpf(CMD_PROG_TEST_RUN, attr);
            if (result < 0) {
                throw new KernelBpfException("BPF_PROG_TEST_RUN", (int) -result, "");
            }
            return new TestRun(
                    Integer.toUnsignedLong(attr.get(ValueLayout.JAVA_INT, 4)),
                    copyOut(dataOut, attr.get(ValueLayout.JAVA_INT, 12)),
                    copyOut(
                            ctxOut,
                            attr.get(ValueLayout.JAVA_INT, ctxOutCapacity == IN_PLACE ? 40 : 44)),
                    attr.get(ValueLayout.JAVA_INT, 36));
        }
    }

    /** Takes what a program wrote to a stream (1 standard output, 2 standard error). */
    public static byte[] streamRead(int fd, int stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(STREAM_CAPACITY);
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(ValueLayout.JAVA_LONG, 0, text.address());
            attr.set(ValueLayout.JAVA_INT, 8, STREAM_CAPACITY);
            attr.set(ValueLayout.JAVA_INT, 12, stream);
            attr.set(ValueLayout.JAVA_INT, 16, fd);
            long size = bpf(CMD_PROG_STREAM_READ, attr);
            if (size < 0) {
                throw new KernelBpfException("BPF_PROG_STREAM_READ_BY_FD", (int) -size, "");
            }
            return text.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Attaches a raw tracepoint (by name) or a tracing program (name null); closing detaches. */
    public static int rawTracepointOpen(String name, int progFd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            if (name != null) {
                attr.set(ValueLayout.JAVA_LONG, 0, arena.allocateFrom(name).address());
            }
            attr.set(ValueLayout.JAVA_INT, 8, progFd);
            return (int) check("BPF_RAW_TRACEPOINT_OPEN", bpf(CMD_RAW_TRACEPOINT_OPEN, attr));
        }
    }

    /** Opens a pinned program or map. */
    public static int objGet(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(ValueLayout.JAVA_LONG, 0, arena.allocateFrom(path.toString()).address());
            return (int) check("BPF_OBJ_GET " + path, bpf(CMD_OBJ_GET, attr));
        }
    }

    // endregion

    // region maps

    /** Creates a map; {@code innerMapFd} is 0 for maps that hold no maps. */
    public static int mapCreate(
            int type, int keySize, int valueSize, int maxEntries, int flags, int innerMapFd) {
        return mapCreate(type, keySize, valueSize, maxEntries, flags, innerMapFd, 0);
    }

    /** Creates a map with {@code map_extra} (bloom filter: number of hash functions). */
    public static int mapCreate(
            int type,
            int keySize,
            int valueSize,
            int maxEntries,
            int flags,
            int innerMapFd,
            long mapExtra) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = mapAttr(arena, type, keySize, valueSize, maxEntries, flags);
            attr.set(ValueLayout.JAVA_INT, 20, innerMapFd);
            attr.set(ValueLayout.JAVA_LONG, 64, mapExtra);
            return (int) check("BPF_MAP_CREATE", bpf(CMD_MAP_CREATE, attr));
        }
    }

    /** Creates a map whose value has fields that BTF tells: the BTF's file, ids of its types. */
    public static int mapCreateTyped(
            int type,
            int keySize,
            int valueSize,
            int maxEntries,
            int flags,
            int btfFd,
            int keyId,
            int valueId) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = mapAttr(arena, type, keySize, valueSize, maxEntries, flags);
            attr.set(ValueLayout.JAVA_INT, 48, btfFd);
            attr.set(ValueLayout.JAVA_INT, 52, keyId);
            attr.set(ValueLayout.JAVA_INT, 56, valueId);
            return (int) check("BPF_MAP_CREATE", bpf(CMD_MAP_CREATE, attr));
        }
    }

    private static MemorySegment mapAttr(
            Arena arena, int type, int keySize, int valueSize, int maxEntries, int flags) {
        MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
        attr.set(ValueLayout.JAVA_INT, 0, type);
        attr.set(ValueLayout.JAVA_INT, 4, keySize);
        attr.set(ValueLayout.JAVA_INT, 8, valueSize);
        attr.set(ValueLayout.JAVA_INT, 12, maxEntries);
        attr.set(ValueLayout.JAVA_INT, 16, flags);
        return attr;
    }

    /** The value of a key, null where there is none; all CPUs' values for a per-CPU map. */
    public static byte[] mapLookup(int fd, byte[] key) {
        return lookup(CMD_MAP_LOOKUP, fd, key);
    }

    /**
     * Takes an element out of a hash (with its key), a queue or a stack (key null); null if empty.
     */
    public static byte[] mapLookupAndDelete(int fd, byte[] key) {
        return lookup(CMD_MAP_LOOKUP_AND_DELETE, fd, key);
    }

    private static byte[] lookup(int command, int fd, byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            int size = mapInfo(fd).userValueSize();
            MemorySegment value = arena.allocate(Math.max(8, size), 8);
            long result = bpf(command, elementAttr(arena, fd, key, value, 0));
            if (result == -2) {
                return null;
            }
            check("BPF_MAP_LOOKUP_ELEM", result);
            return value.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * Sets a value; {@code flags} are BPF_ANY (0), BPF_NOEXIST (1), BPF_EXIST (2), BPF_F_LOCK (4).
     */
    public static void mapUpdate(int fd, byte[] key, byte[] value, long flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = elementAttr(arena, fd, key, copyIn(arena, value), flags);
            check("BPF_MAP_UPDATE_ELEM", bpf(CMD_MAP_UPDATE, attr));
        }
    }

    /** Deletes a key; false if it was not there. */
    public static boolean mapDelete(int fd, byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            long result = bpf(CMD_MAP_DELETE, elementAttr(arena, fd, key, MemorySegment.NULL, 0));
            return result != -2 && check("BPF_MAP_DELETE_ELEM", result) == 0;
        }
    }

    /** The key after {@code key} (null: the first one), null at the end. */
    public static byte[] mapNextKey(int fd, byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            int size = mapInfo(fd).keySize();
            MemorySegment next = arena.allocate(Math.max(8, size), 8);
            long result = bpf(CMD_MAP_GET_NEXT_KEY, elementAttr(arena, fd, key, next, 0));
            if (result == -2) {
                return null;
            }
            check("BPF_MAP_GET_NEXT_KEY", result);
            return next.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** All keys of a map that is not written at the same time. */
    public static List<byte[]> mapKeys(int fd) {
        List<byte[]> keys = new ArrayList<>();
        for (byte[] key = mapNextKey(fd, null); key != null; key = mapNextKey(fd, key)) {
            keys.add(key);
        }
        return keys;
    }

    /**
     * What a batch came to.
     *
     * @param errno 0 or the error that ended it
     * @param cursor what was written to {@code out_batch}, {@code null} if nothing was
     * @param keys keys that were read
     * @param values values that were read
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of buffers, never compared
    public record Batch(int errno, int count, byte[] cursor, byte[] keys, byte[] values) {}

    /**
     * One of the batch commands.
     *
     * @param command 0 lookup, 1 lookup and delete, 2 update, 3 delete
     * @param cursor {@code in_batch}, or {@code null}
     * @param cursorSize bytes of a cursor of this map
     * @param keys keys to update or delete, {@code null} for a lookup
     * @param values values to put, or {@code null}
     */
    public static Batch mapBatch(
            int fd,
            int command,
            byte[] cursor,
            int cursorSize,
            byte[] keys,
            byte[] values,
            int count,
            long elementFlags) {
        MapInfo info = mapInfo(fd);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            if (cursor != null) {
                attr.set(ValueLayout.JAVA_LONG, 0, copyIn(arena, cursor).address());
            }
            MemorySegment out = arena.allocate(Math.max(8, cursorSize), 8).fill((byte) 0xa5);
            attr.set(ValueLayout.JAVA_LONG, 8, out.address());
            MemorySegment keyArea =
                    keys == null
                            ? arena.allocate(Math.max(8, info.keySize() * count), 8)
                            : copyIn(arena, keys);
            MemorySegment valueArea =
                    values == null
                            ? arena.allocate(Math.max(8, info.userValueSize() * count), 8)
                            : copyIn(arena, values);
            attr.set(ValueLayout.JAVA_LONG, 16, keyArea.address());
            attr.set(ValueLayout.JAVA_LONG, 24, valueArea.address());
            attr.set(ValueLayout.JAVA_INT, 32, count);
            attr.set(ValueLayout.JAVA_INT, 36, fd);
            attr.set(ValueLayout.JAVA_LONG, 40, elementFlags);
            long result = bpf(CMD_MAP_BATCH + command, attr);
            int done = attr.get(ValueLayout.JAVA_INT, 32);
            byte[] next = copyOut(out, cursorSize);
            boolean written = false;
            for (byte b : next) {
                written |= b != (byte) 0xa5;
            }
            return new Batch(
                    result < 0 ? (int) -result : 0,
                    done,
                    written ? next : null,
                    copyOut(keyArea, keys == null ? info.keySize() * done : 0),
                    copyOut(valueArea, keys == null ? info.userValueSize() * done : 0));
        }
    }

    /**
     * Makes a map read-only for user space; the contents of one that programs only read are then
     * constants.
     */
    public static void mapFreeze(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(ValueLayout.JAVA_INT, 0, fd);
            check("BPF_MAP_FREEZE", bpf(CMD_MAP_FREEZE, attr));
        }
    }

    /** The kernel's description of a map. */
    public static MapInfo mapInfo(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(88, 8);
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(ValueLayout.JAVA_INT, 0, fd);
            attr.set(ValueLayout.JAVA_INT, 4, (int) info.byteSize());
            attr.set(ValueLayout.JAVA_LONG, 8, info.address());
            check("BPF_OBJ_GET_INFO_BY_FD", bpf(CMD_OBJ_GET_INFO, attr));
            return new MapInfo(
                    info.get(ValueLayout.JAVA_INT, 0),
                    info.get(ValueLayout.JAVA_INT, 4),
                    info.get(ValueLayout.JAVA_INT, 8),
                    info.get(ValueLayout.JAVA_INT, 12),
                    info.get(ValueLayout.JAVA_INT, 16),
                    info.get(ValueLayout.JAVA_INT, 20),
                    info.getString(24, StandardCharsets.US_ASCII));
        }
    }

    // endregion

    /** Closes a file descriptor. */
    public static void close(int fd) {
        NativeCalls.syscall(NativeCalls.CLOSE, fd);
    }

    /** Binds the current thread to one CPU, as per-CPU state of maps asks for. */
    public static void runOn(int cpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(128, 8);
            mask.set(ValueLayout.JAVA_LONG, cpu / 64 * 8L, 1L << cpu);
            check(
                    "sched_setaffinity to CPU " + cpu,
                    NativeCalls.syscall(NativeCalls.SCHED_SETAFFINITY, 0, 128, mask.address()));
        }
    }

    /** Whether a bloom filter may contain a value. */
    public static boolean mapContains(int fd, byte[] value) {
        try (Arena arena = Arena.ofConfined()) {
            long result =
                    bpf(CMD_MAP_LOOKUP, elementAttr(arena, fd, null, copyIn(arena, value), 0));
            return result != -2 && check("BPF_MAP_LOOKUP_ELEM", result) == 0;
        }
    }

    /** The number of possible CPUs, which is the number of parts of a per-CPU value. */
    public static int possibleCpus() {
        try {
            String range = Files.readString(Path.of("/sys/devices/system/cpu/possible")).strip();
            return Integer.parseInt(range.substring(range.lastIndexOf('-') + 1)) + 1;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static MemorySegment elementAttr(
            Arena arena, int fd, byte[] key, MemorySegment value, long flags) {
        MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
        attr.set(ValueLayout.JAVA_INT, 0, fd);
        if (key != null) {
            attr.set(ValueLayout.JAVA_LONG, 8, copyIn(arena, key).address());
        }
        attr.set(ValueLayout.JAVA_LONG, 16, value.address());
        attr.set(ValueLayout.JAVA_LONG, 24, flags);
        return attr;
    }

    private static MemorySegment copyIn(Arena arena, byte[] bytes) {
        MemorySegment segment = arena.allocate(Math.max(8, bytes.length), 8);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    private static byte[] copyOut(MemorySegment segment, int size) {
        return segment == null ? null : segment.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
    }

    private static long check(String what, long result) {
        if (result < 0) {
            throw new KernelBpfException(what, (int) -result, "");
        }
        return result;
    }

    private static long bpf(int command, MemorySegment attr) {
        return NativeCalls.syscall(NativeCalls.BPF, command, attr.address(), attr.byteSize());
    }
}
