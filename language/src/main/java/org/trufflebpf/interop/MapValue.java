package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.UnsupportedTypeException;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapException;
import org.trufflebpf.map.MapFactory;
import org.trufflebpf.map.ProgArrayMap;
import org.trufflebpf.map.QueueStackMap;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.map.UserRingbufMap;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.MapSpec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A map of an opened object. Members: {@code name}, {@code type}, {@code keySize}, {@code
 * valueSize}, {@code maxEntries}, {@code flags}, {@code kind}; methods {@code entries()}, {@code
 * set(key, value)} with texts, and {@code lookup(key)}, {@code update(key, value, flags)}, {@code
 * delete(key)} with bytes.
 */
public final class MapValue extends Members {
    private static final List<String> NAMES =
            List.of(
                    "name",
                    "type",
                    "keySize",
                    "valueSize",
                    "maxEntries",
                    "flags",
                    "kind",
                    "entries",
                    "set",
                    "lookup",
                    "update",
                    "delete",
                    "send",
                    "refused",
                    "perCpu",
                    "keyType",
                    "valueType",
                    "bytes");

    private final LoadedObject object;
    private final int index;

    MapValue(LoadedObject object, int index) {
        this.object = object;
        this.index = index;
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        MapSpec spec =
                MapFactory.complete(
                        object.spec().maps().get(index),
                        object.context().machine().environment().cpus());
        return switch (name) {
            case "name" -> spec.name();
            case "type" -> spec.type().label();
            case "keySize" -> spec.keySize();
            case "valueSize" -> spec.valueSize();
            case "maxEntries" -> spec.maxEntries() & 0xffff_ffffL;
            case "flags" -> spec.flags() & 0xffff_ffffL;
            case "kind" -> spec.kind().name().toLowerCase(Locale.ROOT);
            case "entries" -> new MethodValue(0, 0, arguments -> entries());
            case "set" ->
                    new MethodValue(
                            2,
                            2,
                            arguments -> {
                                set(Arguments.text(arguments, 0), Arguments.text(arguments, 1));
                                return NullValue.INSTANCE;
                            });
            case "lookup" ->
                    new MethodValue(
                            1, 1, arguments -> lookup(Arguments.bytes(arguments[0], "key")));
            case "update" ->
                    new MethodValue(
                            2,
                            3,
                            arguments ->
                                    update(
                                            Arguments.bytes(arguments[0], "key"),
                                            arguments[1],
                                            arguments.length > 2
                                                    ? Arguments.number(arguments, 2)
                                                    : 0));
            case "delete" ->
                    new MethodValue(
                            1, 1, arguments -> delete(Arguments.bytes(arguments[0], "key")));
            case "send" ->
                    new MethodValue(
                            1, 1, arguments -> send(Arguments.bytes(arguments[0], "record")));
            case "refused" ->
                    map() instanceof RefusedMap refused
                            ? refused.reason().getMessage()
                            : NullValue.INSTANCE;
            case "perCpu" -> spec.type().isPerCpu();
            case "keyType" -> TypeValue.of(object.spec().btf(), spec.keyTypeId());
            case "valueType" -> TypeValue.of(object.spec().btf(), spec.valueTypeId());
            case "bytes" -> new MapBytes(map());
            default -> null;
        };
    }

    private Object lookup(byte[] key) {
        try {
            return BytesValue.orNull(map().get(key));
        } catch (MapException e) {
            throw failed(e);
        }
    }

    /**
     * The value is bytes, of per-CPU maps those of all CPUs, each rounded up to 8; of prog arrays a
     * program's name.
     */
    private Object update(byte[] key, Object value, long flags) throws UnsupportedTypeException {
        BpfMap map = map();
        try {
            if (map instanceof ProgArrayMap programs && Arguments.isText(value)) {
                int slot = ByteBuffer.wrap(key).order(object.spec().order()).getInt();
                programs.setTarget(slot, program(Arguments.text(new Object[] {value}, 0)));
            } else {
                map.put(key, Arguments.bytes(value, "value"), flags);
            }
            return NullValue.INSTANCE;
        } catch (MapException e) {
            throw failed(e);
        }
    }

    /** Puts a record into a ring that programs drain. */
    private Object send(byte[] record) {
        if (!(map() instanceof UserRingbufMap ring)) {
            throw BpfException.usage(
                    "map " + map().name() + " takes no records; only maps of type user_ringbuf do");
        }
        try {
            ring.send(record);
            return NullValue.INSTANCE;
        } catch (MapException e) {
            throw failed(e);
        }
    }

    private Object delete(byte[] key) {
        try {
            map().remove(key);
            return NullValue.INSTANCE;
        } catch (MapException e) {
            throw failed(e);
        }
    }

    private EbpfError failed(MapException e) {
        return new EbpfError(e);
    }

    private BpfMap map() {
        return object.instance().map(index);
    }

    /**
     * The entries in the map's order; of queues and stacks the values as they would come out, with
     * null keys.
     */
    private ListValue entries() {
        BpfMap map = map();
        TypedMap typed = new TypedMap(object.spec(), map);
        List<Object> entries = new ArrayList<>();
        if (map instanceof QueueStackMap queue) {
            queue.values().forEach(value -> entries.add(entry(map, typed, null, value)));
            return new ListValue(entries);
        }
        if (map.keySize() == 0) {
            return new ListValue(entries);
        }
        // where other threads delete keys the walk may begin anew, but not for ever
        long left = 2L * Integer.toUnsignedLong(map.maxEntries());
        for (byte[] key = map.nextKey(null); key != null && left-- > 0; key = map.nextKey(key)) {
            byte[] value;
            try {
                value = map.get(key);
            } catch (MapException e) {
                continue;
            }
            // another thread may have deleted it since
            if (value != null) {
                entries.add(entry(map, typed, key, value));
            }
        }
        return new ListValue(entries);
    }

    private static RecordValue entry(BpfMap map, TypedMap typed, byte[] key, byte[] value) {
        List<byte[]> values = perCpu(map, value);
        Object shown =
                map.type().isPerCpu()
                        ? new ListValue(values.stream().map(BytesValue::new).toList())
                        : new BytesValue(value);
        String program = programName(map, key);
        return new RecordValue()
                .with("key", BytesValue.orNull(key))
                .with("value", shown)
                .with("keyText", typed.keyText(key))
                .with("valueText", program == null ? typed.valueText(values) : program)
                .with("json", program == null ? typed.json(key, values) : null);
    }

    /** Of a prog array the name of the program in a slot, else {@code null}. */
    private static String programName(BpfMap map, byte[] key) {
        if (map instanceof ProgArrayMap programs) {
            int slot = ByteBuffer.wrap(key).order(map.memory().order()).getInt();
            if (programs.target(slot) instanceof LoadableProgram program) {
                return program.spec().name();
            }
        }
        return null;
    }

    /** The values of the CPUs, without the bytes that round them up. */
    private static List<byte[]> perCpu(BpfMap map, byte[] value) {
        if (!map.type().isPerCpu()) {
            return List.of(value);
        }
        int size = map.valueSize();
        int slot = (size + 7) & -8;
        List<byte[]> values = new ArrayList<>();
        for (int at = 0; at + size <= value.length; at += slot) {
            values.add(Arrays.copyOfRange(value, at, at + size));
        }
        return values;
    }

    private void set(String keyText, String valueText) {
        BpfMap map = map();
        TypedMap typed = new TypedMap(object.spec(), map);
        byte[] key = typed.parseKey(keyText);
        try {
            if (map instanceof ProgArrayMap programs) {
                programs.setTarget((int) Long.parseUnsignedLong(keyText), program(valueText));
            } else {
                map.put(key, typed.parseValue(valueText), 0);
            }
        } catch (MapException | NumberFormatException e) {
            throw BpfException.usage(
                    "map " + map.name() + ": cannot set " + keyText + ": " + e.getMessage());
        }
    }

    private LoadableProgram program(String name) {
        LoadableProgram program = object.program(name);
        if (program == null) {
            throw BpfException.usage(
                    "there is no program " + name + " to put into map " + map().name());
        }
        return program;
    }
}
