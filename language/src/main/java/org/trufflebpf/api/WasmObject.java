package org.trufflebpf.api;

import org.trufflebpf.uapi.Errno;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** A BPF object that a Wasm application has loaded: what it attached, and its open maps. */
final class WasmObject {
    /** Commands of {@code enum bpf_cmd} that wasm-bpf has. */
    private static final int LOOKUP_ELEM = 1;

    private static final int UPDATE_ELEM = 2;
    private static final int DELETE_ELEM = 3;
    private static final int GET_NEXT_KEY = 4;

    private final BpfObject object;
    private final List<Attachment> attached = new ArrayList<>();
    private final Map<Integer, OpenMap> byFd = new HashMap<>();

    /** A program, and the events that it has still to be run on. */
    private record Attachment(BpfProgram program, Iterator<BpfInput> inputs) {}

    /** The application's function that takes a record, which stands in its memory. */
    interface Callback {
        int sample(int data, int size);
    }

    /**
     * A map that has a descriptor.
     *
     * @param valueBytes bytes of a value as {@code bpf()} has it, those of all CPUs
     * @param records what was sent through it and is not polled yet
     */
    private record OpenMap(
            String name, RawMap raw, int keyBytes, int valueBytes, Queue<byte[]> records) {}

    private WasmObject(BpfObject object) {
        this.object = object;
    }

    /** Loads all programs, as libbpf does, so that what is wrong with them is known at once. */
    static WasmObject load(BpfObject object) {
        for (BpfProgram program : object.programs()) {
            if (program.value().getMember("autoload").asBoolean()) {
                program.load();
            }
        }
        return new WasmObject(object);
    }

    /** The program of that name, or {@code null}. */
    BpfProgram program(String name) {
        return object.programs().stream()
                .filter(program -> program.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    void attach(BpfProgram program, Iterator<BpfInput> inputs) {
        attached.add(new Attachment(program, inputs));
    }

    /** The descriptor of a map: the one it has, or {@code next}; a negative errno for no map. */
    int fd(String name, int next) {
        for (Map.Entry<Integer, OpenMap> entry : byFd.entrySet()) {
            if (entry.getValue().name().equals(name)) {
                return entry.getKey();
            }
        }
        for (BpfMap map : object.maps()) {
            if (map.name().equals(name)) {
                Queue<byte[]> records = new ArrayDeque<>();
                if (map.isBuffer()) {
                    map.onEvent(event -> records.add(event.data()));
                }
                byFd.put(
                        next,
                        new OpenMap(name, map.raw(), map.keySize(), map.valueBytes(), records));
                return next;
            }
        }
        return WasmBpf.error(Errno.ENOENT);
    }

    private OpenMap open(int fd) {
        OpenMap map = byFd.get(fd);
        if (map == null) {
            throw BpfException.errno(Errno.ENOENT, "map " + fd + " is not of this object");
        }
        return map;
    }

    /**
     * Waits for records: lets events happen until one of them sends some, and hands those to the
     * application. Events do not take time here, so nothing is to be waited for: when there will be
     * no more of them the poll is interrupted, as by a user who ends the application.
     *
     * @return 0, {@code -EINTR} at the end of all events, or what the callback returned if negative
     */
    int poll(int fd, WasmMemory memory, Callback callback, int data, int room)
            throws WasmMemory.Fault {
        Queue<byte[]> records = open(fd).records();
        boolean more = true;
        while (records.isEmpty() && more) {
            more = happen();
        }
        if (records.isEmpty()) {
            return WasmBpf.error(Errno.EINTR);
        }
        for (byte[] record = records.poll(); record != null; record = records.poll()) {
            memory.write(data, record, Math.min(record.length, room));
            int result = callback.sample(data, record.length);
            if (result < 0) {
                return result;
            }
        }
        return 0;
    }

    /** One event for each attached program; whether there was any. */
    private boolean happen() {
        boolean happened = false;
        for (Attachment attachment : attached) {
            if (attachment.inputs().hasNext()) {
                attachment.program().run(attachment.inputs().next());
                happened = true;
            }
        }
        return happened;
    }

    /** One of the commands of {@code bpf()} on maps; 0 or a negative errno. */
    int operate(int fd, int command, WasmMemory memory, int key, int value, int next, long flags)
            throws WasmMemory.Fault {
        OpenMap map = open(fd);
        switch (command) {
            case LOOKUP_ELEM -> {
                byte[] found = map.raw().lookup(bytes(memory, key, map.keyBytes()), flags);
                return give(memory, value, found);
            }
            case UPDATE_ELEM ->
                    map.raw()
                            .update(
                                    bytes(memory, key, map.keyBytes()),
                                    memory.read(value, map.valueBytes()),
                                    flags);
            case DELETE_ELEM -> {
                boolean there = map.raw().delete(bytes(memory, key, map.keyBytes()));
                return there ? 0 : WasmBpf.error(Errno.ENOENT);
            }
            case GET_NEXT_KEY -> {
                // NULL stands before the first key
                byte[] from = key == 0 ? null : bytes(memory, key, map.keyBytes());
                return give(memory, next, map.raw().nextKey(from));
            }
            default -> {
                return WasmBpf.error(Errno.EINVAL);
            }
        }
        return 0;
    }

    /** A key; a map without keys has none. */
    private static byte[] bytes(WasmMemory memory, int pointer, int size) throws WasmMemory.Fault {
        return size == 0 ? null : memory.read(pointer, size);
    }

    private static int give(WasmMemory memory, int pointer, byte[] bytes) throws WasmMemory.Fault {
        if (bytes == null) {
            return WasmBpf.error(Errno.ENOENT);
        }
        memory.write(pointer, bytes, bytes.length);
        return 0;
    }
}
