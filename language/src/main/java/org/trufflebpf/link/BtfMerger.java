package org.trufflebpf.link;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The types of all objects in one BTF. Types that several objects have are kept as often; externs
 * become what defines them, or one extern. DATASECs of one name become one, with a size of zero, at
 * which a loader takes the places of global variables from the symbols.
 */
final class BtfMerger {
    private static final int MAGIC = 0xeb9f;
    private static final int HEADER = 24;

    /** {@code BTF_FUNC_GLOBAL} is the same number. */
    private static final int GLOBAL = BtfType.Var.GLOBAL;

    /** {@code BTF_FUNC_EXTERN} is the same number. */
    private static final int EXTERN = BtfType.Var.EXTERN;

    /** A function or variable that objects share. */
    private record Name(BtfKind kind, String text) {}

    private final LinkedSections sections;
    private final Map<LinkInput, int[]> ids = new HashMap<>();
    private final Map<Name, Integer> shared = new HashMap<>();
    private final Set<Name> definedNames = new HashSet<>();
    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final List<int[]> records = new ArrayList<>();
    private final Map<String, Map<Integer, int[]>> datasecs = new LinkedHashMap<>();

    BtfMerger(List<LinkInput> objects, LinkedSections sections) {
        this.sections = sections;
        string("");
        List<LinkInput> typed = objects.stream().filter(object -> object.btf() != null).toList();
        typed.forEach(this::collectDefinitions);
        int next = 1;
        for (LinkInput object : typed) {
            next = number(object, next);
        }
        typed.forEach(this::copy);
        typed.forEach(this::collectDatasecs);
        datasecs.forEach(this::datasec);
    }

    /** The number of a type of an object in the result. */
    int id(LinkInput object, int type) {
        int[] map = ids.get(object);
        if (type < 0 || type >= map.length) {
            throw BpfException.malformed(
                    object.elf().where().inSection(".BTF.ext"),
                    "refers to type "
                            + Integer.toUnsignedString(type)
                            + ", but there are "
                            + map.length);
        }
        return map[type];
    }

    /** The offset of a text in the result's string section. */
    int string(String value) {
        return strings.computeIfAbsent(
                value,
                added -> {
                    int offset = text.size();
                    text.writeBytes(added.getBytes(StandardCharsets.UTF_8));
                    text.write(0);
                    return offset;
                });
    }

    private void collectDefinitions(LinkInput object) {
        Btf btf = object.btf();
        for (int id = 1; id < btf.typeCount(); id++) {
            if (linkage(btf, id) == GLOBAL) {
                definedNames.add(new Name(btf.kind(id), btf.name(id)));
            }
        }
    }

    /** Linkage of a function or variable, or -1. */
    private static int linkage(Btf btf, int id) {
        return switch (btf.type(id)) {
            case BtfType.Func function -> function.linkage();
            case BtfType.Var variable -> variable.linkage();
            default -> -1;
        };
    }

    /** Gives new numbers to the types of an object, from {@code next} on. */
    private int number(LinkInput object, int next) {
        Btf btf = object.btf();
        int[] map = new int[btf.typeCount()];
        int free = next;
        for (int id = 1; id < map.length; id++) {
            int linkage = linkage(btf, id);
            Name name = linkage < 0 ? null : new Name(btf.kind(id), btf.name(id));
            boolean known = name != null && shared.containsKey(name);
            if (btf.kind(id) == BtfKind.DATASEC) {
                map[id] = 0;
            } else if (linkage == EXTERN && known) {
                map[id] = shared.get(name);
            } else if (linkage == EXTERN && definedNames.contains(name)) {
                // its definition comes in a later object
                map[id] = -1;
            } else {
                map[id] = free++;
                if (linkage == GLOBAL || linkage == EXTERN) {
                    shared.putIfAbsent(name, map[id]);
                }
            }
        }
        ids.put(object, map);
        return free;
    }

    private void copy(LinkInput object) {
        Btf btf = object.btf();
        int[] map = ids.get(object);
        for (int id = 1; id < map.length; id++) {
            if (map[id] < 0) {
                map[id] = shared.get(new Name(btf.kind(id), btf.name(id)));
            }
        }
        for (int id = 1; id < map.length; id++) {
            if (map[id] == records.size() + 1) {
                records.add(record(btf, id, map));
            }
        }
    }

    /** A type's words with the numbers of types and texts in the result. */
    private int[] record(Btf btf, int id, int[] map) {
        int[] words = btf.record(id);
        BtfKind kind = btf.kind(id);
        words[0] = string(btf.text(words[0]));
        if (kind.refersToType()) {
            words[2] = map[words[2]];
        }
        if (kind == BtfKind.ARRAY) {
            words[3] = map[words[3]];
            words[4] = map[words[4]];
        }
        int step = kind.wordsPerEntry();
        for (int at = 3; step > 0 && at < words.length; at += step) {
            words[at] = string(btf.text(words[at]));
            if (!kind.isEnum()) {
                words[at + 1] = map[words[at + 1]];
            }
        }
        return words;
    }

    private void collectDatasecs(LinkInput object) {
        Btf btf = object.btf();
        for (int id = 1; id < btf.typeCount(); id++) {
            if (btf.kind(id) == BtfKind.DATASEC && btf.type(id) instanceof BtfType.Datasec from) {
                collect(object, from);
            }
        }
    }

    private void collect(LinkInput object, BtfType.Datasec from) {
        ElfSection section = object.elf().section(from.name());
        LinkedSections.Place place =
                section == null ? null : sections.place(object, section.index());
        if (section != null && place == null) {
            return;
        }
        Map<Integer, int[]> to =
                datasecs.computeIfAbsent(from.name(), name -> new LinkedHashMap<>());
        for (BtfType.VarInfo info : from.vars()) {
            boolean bound =
                    linkage(object.btf(), info.type()) == EXTERN
                            && definedNames.contains(
                                    new Name(BtfKind.VAR, object.btf().name(info.type())));
            if (!bound) {
                int id = id(object, info.type());
                long offset = info.offset() + (place == null ? 0 : place.offset());
                to.putIfAbsent(id, new int[] {id, (int) offset, (int) info.size()});
            }
        }
    }

    private void datasec(String name, Map<Integer, int[]> vars) {
        int[] words = new int[3 + 3 * vars.size()];
        words[0] = string(name);
        words[1] = BtfKind.DATASEC.ordinal() << 24 | vars.size();
        int at = 3;
        for (int[] info : vars.values()) {
            System.arraycopy(info, 0, words, at, 3);
            at += 3;
        }
        records.add(words);
    }

    /** The section {@code .BTF}. */
    byte[] bytes() {
        int types = 4 * records.stream().mapToInt(words -> words.length).sum();
        ByteBuffer out = ByteBuffer.allocate(HEADER + types + text.size()).order(sections.order());
        out.putShort((short) MAGIC).put((byte) 1).put((byte) 0).putInt(HEADER);
        out.putInt(0).putInt(types).putInt(types).putInt(text.size());
        for (int[] words : records) {
            for (int word : words) {
                out.putInt(word);
            }
        }
        return out.put(text.toByteArray()).array();
    }
}
