package org.trufflebpf.btf;

import org.trufflebpf.elf.ByteView;
import org.trufflebpf.failure.Where;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes BTF data type by type; each method gives the id of what it added. */
public final class BtfBuilder {
    private final ByteOrder order;
    private final ByteBuffer types;
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> offsets = new HashMap<>();
    private int last;

    public BtfBuilder(ByteOrder order) {
        this.order = order;
        this.types = ByteBuffer.allocate(1 << 16).order(order);
        strings.write(0);
        offsets.put("", 0);
    }

    public int string(String text) {
        return offsets.computeIfAbsent(
                text,
                key -> {
                    int at = strings.size();
                    strings.writeBytes(text.getBytes(StandardCharsets.UTF_8));
                    strings.write(0);
                    return at;
                });
    }

    public int type(
            String name, BtfKind kind, int vlen, boolean flag, int sizeOrType, int... rest) {
        types.putInt(string(name))
                .putInt(
                        (List.of(BtfKind.values()).indexOf(kind) << 24)
                                | vlen
                                | (flag ? 1 << 31 : 0))
                .putInt(sizeOrType);
        for (int word : rest) {
            types.putInt(word);
        }
        return ++last;
    }

    public int integer(String name, int size, int encoding) {
        return type(name, BtfKind.INT, 0, false, size, encoding << 24 | size * 8);
    }

    public int pointer(int target) {
        return type("", BtfKind.PTR, 0, false, target);
    }

    public int array(int element, int count) {
        return type("", BtfKind.ARRAY, 0, false, 0, element, element, count);
    }

    /**
     * Members as triples of name, type and bit offset; with {@code flag} the bit size stands in the
     * high byte.
     */
    public int struct(String name, int size, boolean flag, Object... members) {
        return composite(BtfKind.STRUCT, name, size, flag, members);
    }

    public int union(String name, int size, Object... members) {
        return composite(BtfKind.UNION, name, size, false, members);
    }

    private int composite(BtfKind kind, String name, int size, boolean flag, Object... members) {
        int[] words = new int[members.length];
        for (int i = 0; i < members.length; i++) {
            words[i] = members[i] instanceof String text ? string(text) : (int) members[i];
        }
        return type(name, kind, members.length / 3, flag, size, words);
    }

    /** Values as pairs of name and number. */
    public int enumeration(String name, boolean signed, Object... values) {
        int[] words = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            words[i] = values[i] instanceof String text ? string(text) : (int) values[i];
        }
        return type(name, BtfKind.ENUM, values.length / 2, signed, 4, words);
    }

    public byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(24 + types.position() + strings.size()).order(order);
        out.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24);
        out.putInt(0).putInt(types.position()).putInt(types.position()).putInt(strings.size());
        out.put(types.array(), 0, types.position()).put(strings.toByteArray());
        return out.array();
    }

    public Btf build() {
        return Btf.parse(ByteView.of(bytes(), ByteOrder.LITTLE_ENDIAN, Where.file("x.btf")));
    }
}
