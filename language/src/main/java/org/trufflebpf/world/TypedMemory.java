package org.trufflebpf.world;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.world.JsonValue.JsonArray;
import org.trufflebpf.world.JsonValue.JsonObject;
import org.trufflebpf.world.JsonValue.JsonScalar;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.function.ToLongFunction;

/**
 * Guest memory seen through types: structures of the kernel laid out by a BTF, and values stored
 * into and loaded from their fields. A pointer to a structure that is not there yet gets one.
 */
final class TypedMemory {
    /** Most directories of a path. */
    private static final int MAX_PATH = 256;

    private final Btf btf;
    private final Memory memory;
    private final ToLongFunction<JsonScalar> references;

    /**
     * A field, or a whole object.
     *
     * @param type its BTF type behind typedefs and modifiers
     * @param bits width of a bit field, 0 for others
     * @param bitOffset bits from the address to a bit field
     */
    record Place(int type, long address, int bitOffset, int bits) {}

    /**
     * Sees memory through a BTF.
     *
     * @param references address of what a text such as {@code @task/1} names
     */
    TypedMemory(Btf btf, Memory memory, ToLongFunction<JsonScalar> references) {
        this.btf = btf;
        this.memory = memory;
        this.references = references;
    }

    /** The type of a structure's name, or 0. */
    int struct(String name) {
        return btf.find(name, BtfKind.STRUCT);
    }

    /** Bytes of a type. */
    long sizeOf(int type) {
        return btf.sizeOf(type);
    }

    /** Takes memory for a value of a type. */
    Place allocate(int type, String name, Region.Kind kind) {
        return allocate(type, 1, name, kind, false);
    }

    /** The place of a structure that lies at an address. */
    Place at(int type, long address) {
        return new Place(btf.skipModifiers(type), address, 0, 0);
    }

    /** A place for some structures in a row, which programs may write to or not. */
    Place allocate(int type, int count, String name, Region.Kind kind, boolean writable) {
        long size = Math.max(1, btf.sizeOf(type)) * count;
        Region region = memory.allocate(kind, name, size, writable);
        return new Place(btf.skipModifiers(type), region.start(), 0, 0);
    }

    /**
     * A field by its path, {@code a.b.c}, through pointers and the first elements of arrays; {@code
     * null} if missing.
     */
    Place field(Place object, String path) {
        Place at = object;
        for (String name : path.split("\\.")) {
            if (at != null && btf.type(at.type) instanceof BtfType.Ptr pointer) {
                at = pointee(at, pointer);
            } else if (at != null && btf.type(at.type) instanceof BtfType.Array array) {
                at = new Place(btf.skipModifiers(array.element()), at.address, 0, 0);
            }
            at = at == null ? null : member(at, name, 0);
        }
        return at;
    }

    /** The element of an array. */
    Place element(Place array, int index) {
        BtfType.Array type = (BtfType.Array) btf.type(array.type);
        long address = array.address + index * btf.sizeOf(type.element());
        return new Place(btf.skipModifiers(type.element()), address, 0, 0);
    }

    private Place pointee(Place at, BtfType.Ptr pointer) {
        long target = memory.getLong(at.address);
        int type = btf.skipModifiers(pointer.target());
        if (target == 0) {
            if (btf.sizeOf(type) <= 0) {
                return null;
            }
            target = allocate(type, btf.name(type), Region.Kind.KERNEL).address;
            memory.putLong(at.address, target);
        }
        return new Place(type, target, 0, 0);
    }

    private Place member(Place object, String name, int depth) {
        if (!(btf.type(object.type) instanceof BtfType.Composite composite) || depth > 16) {
            return null;
        }
        for (BtfType.Member member : composite.members()) {
            boolean named = member.name().equals(name);
            if (!named && !member.name().isEmpty()) {
                continue;
            }
            long bit = member.bitOffset();
            Place place =
                    new Place(
                            btf.skipModifiers(member.type()),
                            object.address + bit / 8,
                            (int) (bit % 8),
                            member.bitSize());
            Place found = named ? place : member(place, name, depth + 1);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    // ---- storing what the description says

    /** Stores a described value. */
    void store(Place place, JsonValue value) {
        switch (btf.type(place.type)) {
            case BtfType.Composite composite -> storeComposite(place, composite, value);
            case BtfType.Array array -> storeArray(place, array, value);
            case BtfType.Ptr pointer -> storePointer(place, pointer, value);
            case BtfType.Enumeration enumeration -> storeNumber(place, enumeration, value);
            case BtfType.Int number -> putNumber(place, number(value));
            default ->
                    throw JsonFields.wrong(
                            value, "a field that can be set, not " + btf.name(place.type));
        }
    }

    private void storeComposite(Place place, BtfType.Composite composite, JsonValue value) {
        if (composite.name().equals("path")
                && value instanceof JsonScalar scalar
                && scalar.value() instanceof String path
                && path.startsWith("/")) {
            storePath(place, path);
            return;
        }
        if (!(value instanceof JsonObject object)) {
            throw JsonFields.wrong(value, "an object with fields of " + composite.name());
        }
        object.members()
                .forEach(
                        (name, member) -> {
                            Place field = field(place, name);
                            if (field == null) {
                                throw BpfException.usage(
                                        member.place()
                                                + ": "
                                                + composite.kind().label()
                                                + " "
                                                + composite.name()
                                                + " of the target's BTF has no field '"
                                                + name
                                                + "'");
                            }
                            store(field, member);
                        });
    }

    private void storeArray(Place place, BtfType.Array array, JsonValue value) {
        long size = btf.sizeOf(array.element());
        if (value instanceof JsonScalar scalar && scalar.value() instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (size != 1 || bytes.length > array.count()) {
                throw JsonFields.wrong(value, "at most " + array.count() * size + " bytes");
            }
            memory.write(place.address, bytes);
            return;
        }
        if (!(value instanceof JsonArray elements) || elements.elements().size() > array.count()) {
            throw JsonFields.wrong(value, "an array of at most " + array.count() + " elements");
        }
        for (int i = 0; i < elements.elements().size(); i++) {
            store(
                    new Place(btf.skipModifiers(array.element()), place.address + i * size, 0, 0),
                    elements.elements().get(i));
        }
    }

    private void storePointer(Place place, BtfType.Ptr pointer, JsonValue value) {
        int target = btf.skipModifiers(pointer.target());
        switch (value) {
            case JsonScalar scalar when scalar.value() == null -> memory.putLong(place.address, 0);
            case JsonScalar scalar
                    when scalar.value() instanceof String text && text.startsWith("@") ->
                    memory.putLong(place.address, references.applyAsLong(scalar));
            case JsonScalar scalar
                    when scalar.value() instanceof String text && !text.startsWith("0x") ->
                    memory.putLong(place.address, text(text));
            case JsonScalar scalar -> memory.putLong(place.address, JsonFields.bits(scalar));
            case JsonArray array -> {
                long size = btf.sizeOf(target);
                if (size <= 0) {
                    throw JsonFields.wrong(value, "a number or a reference");
                }
                Place first =
                        allocate(
                                target,
                                Math.max(1, array.elements().size()),
                                btf.name(target),
                                Region.Kind.KERNEL,
                                false);
                for (int i = 0; i < array.elements().size(); i++) {
                    store(
                            new Place(target, first.address + i * size, 0, 0),
                            array.elements().get(i));
                }
                memory.putLong(place.address, first.address);
            }
            case JsonObject object -> {
                Place pointee = pointee(place, pointer);
                if (pointee == null) {
                    throw JsonFields.wrong(value, "a number or a reference");
                }
                store(pointee, object);
            }
        }
    }

    private void storeNumber(Place place, BtfType.Enumeration enumeration, JsonValue value) {
        if (value instanceof JsonScalar scalar && scalar.value() instanceof String text) {
            for (BtfType.Value candidate : enumeration.values()) {
                if (candidate.name().equals(text)) {
                    putNumber(place, candidate.value());
                    return;
                }
            }
        }
        putNumber(place, number(value));
    }

    private static long number(JsonValue value) {
        if (value instanceof JsonScalar scalar && scalar.value() instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        BigInteger number = JsonFields.integer(value);
        if (number == null || number.bitLength() > 64) {
            throw JsonFields.wrong(value, "a 64-bit number");
        }
        return number.longValue();
    }

    /** Memory with a text and its NUL. */
    private long text(String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.UTF_8);
        Region region = memory.allocate(Region.Kind.KERNEL, "text", bytes.length, false);
        memory.write(region.start(), bytes);
        return region.start();
    }

    /** Makes the directory entries of a path; the root is its own parent, as in the kernel. */
    void storePath(Place place, String path) {
        int dentryType = struct("dentry");
        Place root = dentry(dentryType, "/", null);
        Place at = root;
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                at = dentry(dentryType, name, at);
            }
        }
        memory.putLong(field(place, "dentry").address, at.address);
    }

    private Place dentry(int type, String name, Place parent) {
        Place dentry = allocate(type, "dentry", Region.Kind.KERNEL);
        put(dentry, "d_parent", parent == null ? dentry.address : parent.address);
        put(dentry, "d_name.len", name.length());
        put(dentry, "d_name.name", text(name));
        return dentry;
    }

    /** The text of a {@code struct path}: the names of its directory entries up to the root. */
    String path(long address) {
        long dentry = loadAt(address, "path", "dentry");
        StringBuilder text = new StringBuilder();
        for (int depth = 0; dentry != 0 && depth < MAX_PATH; depth++) {
            long parent = loadAt(dentry, "dentry", "d_parent");
            if (parent == dentry) {
                break;
            }
            text.insert(0, "/" + textAt(loadAt(dentry, "dentry", "d_name.name")));
            dentry = parent;
        }
        return text.isEmpty() ? "/" : text.toString();
    }

    private String textAt(long address) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (long at = address; memory.isAccessible(at, 1, false); at++) {
            byte letter = memory.getByte(at);
            if (letter == 0) {
                break;
            }
            bytes.write(letter);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    // ---- numbers by path

    /** Stores a number into a field of a structure at an address. */
    void put(long address, String struct, String path, long value) {
        int type = struct(struct);
        if (type != 0) {
            put(new Place(type, address, 0, 0), path, value);
        }
    }

    /** Stores a number into a field, if the target has it. */
    void put(Place object, String path, long value) {
        Place field = field(object, path);
        if (field != null && btf.sizeOf(field.type) <= 8) {
            putNumber(field, value);
        }
    }

    /** Stores a text into an array of characters, if the target has it. */
    void putText(Place object, String path, String value) {
        Place field = field(object, path);
        if (field != null && btf.type(field.type) instanceof BtfType.Array array) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            memory.write(field.address, bytes, 0, (int) Math.min(bytes.length, array.count() - 1));
        }
    }

    /** Stores a number of 16 or 32 bits in network order. */
    void putNetwork(Place object, String path, int value, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >>> (8 * (size - 1 - i)));
        }
        putBytes(object, path, bytes);
    }

    /** Stores bytes at the start of a field, if the target has it. */
    void putBytes(Place object, String path, byte[] bytes) {
        Place field = field(object, path);
        if (field != null) {
            memory.write(field.address, bytes);
        }
    }

    /** Lets a pointer point to a text. */
    void putTextPointer(Place pointer, String value) {
        memory.putLong(pointer.address, text(value));
    }

    /** The pointer in a field, 0 if the target does not have it. */
    long load(Place object, String path) {
        Place field = field(object, path);
        return field == null ? 0 : memory.getLong(field.address);
    }

    /** The pointer in a field of a structure at an address. */
    long loadAt(long address, String struct, String path) {
        int type = struct(struct);
        if (type == 0 || !memory.isAccessible(address, 8, false)) {
            return 0;
        }
        return load(new Place(type, address, 0, 0), path);
    }

    /** The {@code struct sock_common} at the start of every kind of socket. */
    Place commonOf(Place socket) {
        return atStart(socket, "sock_common");
    }

    /** The {@code struct sock} at the start of a full socket, or {@code null}. */
    Place sockOf(Place socket) {
        return atStart(socket, "sock");
    }

    /** The structure of a name that an object starts with, however deep, or {@code null}. */
    private Place atStart(Place object, String name) {
        Place at = object;
        while (btf.type(at.type) instanceof BtfType.Composite composite) {
            if (composite.name().equals(name)) {
                return at;
            }
            if (composite.members().isEmpty()) {
                return null;
            }
            at =
                    new Place(
                            btf.skipModifiers(composite.members().getFirst().type()),
                            at.address,
                            0,
                            0);
        }
        return null;
    }

    private void putNumber(Place place, long value) {
        if (place.bits > 0) {
            long mask = ((1L << place.bits) - 1) << place.bitOffset;
            for (int i = 0; i * 8 < place.bitOffset + place.bits; i++) {
                long part = (mask >>> (8 * i)) & 0xff;
                int old = memory.getByte(place.address + i) & 0xff;
                long bits = ((value << place.bitOffset) >>> (8 * i)) & part;
                memory.putByte(place.address + i, (byte) ((old & ~part) | bits));
            }
            return;
        }
        switch ((int) btf.sizeOf(place.type)) {
            case 1 -> memory.putByte(place.address, (byte) value);
            case 2 -> memory.putShort(place.address, (short) value);
            case 4 -> memory.putInt(place.address, (int) value);
            default -> memory.putLong(place.address, value);
        }
    }
}
