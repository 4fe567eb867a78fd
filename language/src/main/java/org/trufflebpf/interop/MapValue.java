package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.UnsupportedTypeException;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapException;
import org.trufflebpf.map.MapOfMaps;
import org.trufflebpf.map.ProgArrayMap;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.map.UserRingbufMap;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A map of an opened object. The members that every map has: {@code name}, {@code type}, {@code
 * keySize}, {@code valueSize}, {@code maxEntries}, {@code flags}, {@code kind}, {@code refused};
 * methods {@code entries()}, {@code set(key, value)}, {@code lookup(key)}, {@code update(key,
 * value, flags)}, {@code delete(key)}, {@code freeze()}. Subclasses add what fits their type of
 * map: entries of a hash, elements of an array, queues, events.
 */
abstract class MapValue extends Members {
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
                    "bytes",
                    "freeze",
                    "operations");

    final Opened opened;
    final MapSpec spec;
    final Supplier<BpfMap> source;

    /** The layout of a value; of a per-CPU map that of one CPU's. */
    final Layout values;

    final KeyCodec keys;

    MapValue(Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys) {
        this.opened = opened;
        this.spec = spec;
        this.source = source;
        this.values =
                spec.type() == MapType.STRUCT_OPS
                        ? OperationLayout.ofMap(opened, spec, source)
                        : opened.layouts()
                                .of(spec.valueTypeId(), Integer.toUnsignedLong(spec.valueSize()));
        this.keys = keys;
    }

    final BpfMap map() {
        return source.get();
    }

    /** The map, which user space may read. */
    final BpfMap usable() {
        BpfMap map = map();
        if (map instanceof RefusedMap refused) {
            throw refused.reason();
        }
        return map;
    }

    @Override
    Object identity() {
        return List.of(source, view());
    }

    /** What tells values of one map apart: how keys or records are seen; empty for their types. */
    String view() {
        return "";
    }

    @Override
    String display() {
        return "map " + spec.name() + " (" + spec.type().label() + ")";
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    /** The base's names and those that a subclass adds. */
    static List<String> and(String... more) {
        List<String> names = new ArrayList<>(NAMES);
        names.addAll(List.of(more));
        return List.copyOf(names);
    }

    @Override
    Object member(String name) {
        return switch (name) {
            case "name" -> spec.name();
            case "type" -> spec.type().label();
            case "keySize" -> spec.keySize();
            case "valueSize" -> spec.valueSize();
            case "maxEntries" -> spec.maxEntries() & 0xffff_ffffL;
            case "flags" -> spec.flags() & 0xffff_ffffL;
            case "kind" -> spec.kind().name().toLowerCase(Locale.ROOT);
            case "refused" ->
                    map() instanceof RefusedMap refused
                            ? refused.reason().getMessage()
                            : NullValue.INSTANCE;
            case "entries" ->
                    new MethodValue(0, 0, arguments -> new MapEntries(opened, map()).list());
            case "set" ->
                    new MethodValue(
                            2,
                            2,
                            arguments -> {
                                if (Arguments.isText(arguments[0])
                                        && Arguments.isText(arguments[1])) {
                                    setText(
                                            Arguments.text(arguments, 0),
                                            Arguments.text(arguments, 1));
                                } else {
                                    put(key(arguments[0]), arguments[1], 0);
                                }
                                return NullValue.INSTANCE;
                            });
            case "lookup" -> new MethodValue(1, 1, arguments -> lookup(key(arguments[0])));
            case "update" ->
                    new MethodValue(
                            2,
                            3,
                            arguments -> {
                                long flags =
                                        arguments.length > 2 ? Arguments.number(arguments, 2) : 0;
                                put(key(arguments[0]), arguments[1], flags);
                                return NullValue.INSTANCE;
                            });
            case "delete" ->
                    new MethodValue(
                            1,
                            1,
                            arguments -> {
                                remove(key(arguments[0]));
                                return NullValue.INSTANCE;
                            });
            case "send" ->
                    new MethodValue(
                            1, 1, arguments -> send(Arguments.bytes(arguments[0], "record")));
            case "freeze" ->
                    new MethodValue(
                            0,
                            0,
                            arguments -> {
                                map().freeze();
                                return NullValue.INSTANCE;
                            });
            case "perCpu" -> spec.type().isPerCpu();
            case "keyType" -> TypeValue.of(opened.layouts().btf(), spec.keyTypeId());
            case "valueType" -> TypeValue.of(opened.layouts().btf(), spec.valueTypeId());
            case "bytes" -> new MapBytes(map());
            case "operations" -> operations();
            default -> null;
        };
    }

    /** The names of a structure's programs by its members; null where the map holds no such. */
    private Object operations() {
        if (spec.type() != MapType.STRUCT_OPS) {
            return NullValue.INSTANCE;
        }
        RecordValue operations = new RecordValue();
        OperationLayout.programs(opened, map())
                .forEach((member, program) -> operations.with(member, program.spec().name()));
        return operations;
    }

    /** The bytes of a key; keyless maps take null. */
    private byte[] key(Object key) {
        return Arguments.isNull(key) ? new byte[0] : keys.encode(key);
    }

    private Object lookup(byte[] key) {
        try {
            return BytesValue.orNull(map().get(key));
        } catch (MapException e) {
            throw new EbpfError(e);
        }
    }

    /**
     * Puts a value: of maps of maps a map, of prog arrays a program or its name; of per-CPU maps an
     * array with one value for each CPU; or the bytes that the kernel takes.
     */
    final void put(byte[] key, Object value, long flags) throws UnsupportedTypeException {
        BpfMap map = map();
        try {
            if (map instanceof ProgArrayMap programs && putProgram(programs, key, value)) {
                return;
            }
            if (map instanceof MapOfMaps outer && value instanceof MapValue inner) {
                outer.setInner(key, inner.map(), flags);
                return;
            }
            map.put(key, bytes(map, value), flags);
        } catch (MapException e) {
            throw new EbpfError(e);
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
            throw new EbpfError(e);
        }
    }

    final void remove(byte[] key) {
        try {
            map().remove(key);
        } catch (MapException e) {
            throw new EbpfError(e);
        }
    }

    private boolean putProgram(ProgArrayMap programs, byte[] key, Object value)
            throws UnsupportedTypeException {
        int slot = ByteBuffer.wrap(key).order(opened.object().spec().order()).getInt();
        if (value instanceof ProgramValue program) {
            programs.setTarget(slot, program.program());
            return true;
        }
        if (Arguments.isText(value)) {
            programs.setTarget(slot, program(Arguments.text(new Object[] {value}, 0)));
            return true;
        }
        return false;
    }

    /** The bytes of a value as {@link BpfMap#put} takes them. */
    private byte[] bytes(BpfMap map, Object value) {
        Storage order = Storage.ofMap(map);
        String what = " value of map " + spec.name();
        if (!spec.type().isPerCpu()) {
            return values.bytes(value, order, what);
        }
        int slot = (spec.valueSize() + 7) & -8;
        return new PerCpuLayout(values, slot, map.cpus()).bytes(value, order, what);
    }

    private void setText(String keyText, String valueText) {
        BpfMap map = map();
        TypedMap typed = new TypedMap(opened, map);
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
        LoadableProgram program = opened.object().program(name);
        if (program == null) {
            throw BpfException.usage(
                    "there is no program " + name + " to put into map " + map().name());
        }
        return program;
    }

    /**
     * The live value of a key; {@code null} if there is none.
     *
     * @throws EbpfError if user space may not read the map
     */
    final Object get(byte[] key) {
        BpfMap map = usable();
        try {
            if (map instanceof ProgArrayMap programs) {
                int slot = ByteBuffer.wrap(key).order(map.memory().order()).getInt();
                return programs.target(slot) instanceof LoadableProgram program
                        ? new ProgramValue(opened, program)
                        : null;
            }
            if (map instanceof MapOfMaps outer) {
                BpfMap inner = outer.inner(key);
                return inner == null ? null : MapValues.of(opened, inner);
            }
            if (!spec.type().isPerCpu()) {
                long address = map.locate(key, 0);
                return address == 0 ? null : values.read(Storage.ofMap(map), address);
            }
            long[] addresses = new long[map.cpus()];
            for (int cpu = 0; cpu < addresses.length; cpu++) {
                addresses[cpu] = map.locate(key, cpu);
                if (addresses[cpu] == 0) {
                    return null;
                }
            }
            return new PerCpuValue(values, Storage.ofMap(map), addresses);
        } catch (MapException e) {
            throw new EbpfError(e);
        }
    }

    /** Whether there is such a key. */
    final boolean has(byte[] key) {
        BpfMap map = map();
        if (map instanceof RefusedMap || !map.isReadableByUser()) {
            return false;
        }
        return get(key) != null;
    }

    final boolean isWritable() {
        BpfMap map = map();
        return !(map instanceof RefusedMap) && map.isWritableByUser() && !map.isFrozen();
    }
}
