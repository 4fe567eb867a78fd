package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfBuilder;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The types of a case: numbers, the kernel's structures for special fields, and those that its
 * headers declare. A field is {@code type@offset}; the member is named after its type. {@code
 * kptr:name} (or {@code percpu_kptr}, {@code kptr_untrusted}) points to a structure; {@code
 * list_head:name} and {@code rb_root:name} contain objects of one, by its {@code list_node} or
 * {@code rb_node}.
 */
final class CaseTypes {
    private static final Pattern TYPE_ID = Pattern.compile("typeid\\((\\w+)\\)");
    private static final Pattern KERNEL_ID = Pattern.compile("kernelid\\((\\w+)\\)");
    private static final Pattern KERNEL_MEMBER = Pattern.compile("kernel\\((\\w+)\\.(\\w+)\\)");

    /** Name in a case, C structure, 4 or 8 byte words, their number. */
    private static final String SPECIAL =
            """
            lock bpf_spin_lock 4 1
            res_lock bpf_res_spin_lock 4 1
            timer bpf_timer 8 2
            wq bpf_wq 8 2
            task_work bpf_task_work 8 1
            list_head bpf_list_head 8 2
            list_node bpf_list_node 8 3
            rb_root bpf_rb_root 8 2
            rb_node bpf_rb_node 8 4
            refcount bpf_refcount 4 1
            dynptr bpf_dynptr 8 2
            """;

    final BtfBuilder builder = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
    private final Map<String, Integer> types = new HashMap<>();
    private boolean declared;

    CaseTypes() {
        types.put("u8", builder.integer("u8", 1, 0));
        types.put("u16", builder.integer("u16", 2, 0));
        types.put("u32", builder.integer("u32", 4, 0));
        types.put("u64", builder.integer("u64", 8, 0));
        types.put("int", builder.integer("int", 4, 1));
    }

    int of(String name) {
        Integer known = types.get(name);
        if (known != null) {
            return known;
        }
        int id = name.contains(":") ? pointerOrRoot(name) : special(name);
        if (!name.contains(":")) {
            types.put(name, id);
        }
        return id;
    }

    int ofContext(String name) {
        return types.computeIfAbsent(
                "ctx",
                key ->
                        builder.pointer(
                                name.matches("\\w+") && !name.equals("void")
                                        ? builder.struct(name, 4, false, "x", of("u32"), 0)
                                        : 0));
    }

    /** A pointer to so many bytes. */
    int ofMemory(int size) {
        int bytes = builder.array(of("u8"), size);
        return builder.pointer(builder.struct("mem" + size, size, false, "bytes", bytes, 0));
    }

    /** A pointer to a structure or number. */
    int ofPointer(String name) {
        return builder.pointer(of(name));
    }

    void tagArgument(int function, int argument, String tag) {
        builder.type("arg:" + tag, BtfKind.DECL_TAG, 0, false, function, argument);
    }

    void tagFunction(int function, String tag) {
        builder.type(tag, BtfKind.DECL_TAG, 0, false, function, -1);
    }

    private int special(String name) {
        for (String line : SPECIAL.lines().toList()) {
            String[] words = line.split(" ");
            if (words[0].equals(name)) {
                int unit = Integer.parseInt(words[2]);
                int count = Integer.parseInt(words[3]);
                int element = of(unit == 4 ? "u32" : "u64");
                int content = count == 1 ? element : builder.array(element, count);
                return builder.struct(words[1], unit * count, false, "__opaque", content, 0);
            }
        }
        // a structure of the kernel that the case only points to
        return builder.struct(name, 0, false);
    }

    private int pointerOrRoot(String name) {
        String[] words = name.split(":");
        if (words[0].contains("kptr")) {
            int tag = builder.type(words[0], BtfKind.TYPE_TAG, 0, false, of(words[1]));
            return builder.pointer(tag);
        }
        return of(words[0]);
    }

    /** Declares a structure with fields. */
    int struct(String name, int size, List<String> fields) {
        declared = true;
        List<Object> members = new ArrayList<>();
        Map<Integer, String> tags = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            String[] field = fields.get(i).split("@");
            String[] type = field[0].split(":");
            boolean twice = members.contains(type[0]);
            int offset = Integer.parseInt(field[1]);
            members.addAll(List.of(twice ? type[0] + i : type[0], of(field[0]), offset * 8));
            if (type.length == 2 && !type[0].contains("kptr")) {
                String node = type[0].equals("rb_root") ? "rb_node" : "list_node";
                tags.put(i, "contains:" + type[1] + ":" + node);
            }
        }
        int id = builder.struct(name, size, false, members.toArray());
        types.put(name, id);
        tags.forEach((member, tag) -> builder.type(tag, BtfKind.DECL_TAG, 0, false, id, member));
        return id;
    }

    /** Whether the case declares types, so that the kernel has to get them. */
    boolean isDeclared() {
        return declared;
    }

    /**
     * {@code typeid(name)} and {@code kernelid(name)} become type ids, {@code
     * kernel(struct.member)} an offset.
     */
    String resolve(String text) {
        String resolved =
                TYPE_ID.matcher(text).replaceAll(found -> String.valueOf(of(found.group(1))));
        resolved =
                KERNEL_ID
                        .matcher(resolved)
                        .replaceAll(found -> String.valueOf(kernelType(found.group(1))));
        return KERNEL_MEMBER
                .matcher(resolved)
                .replaceAll(found -> String.valueOf(offset(found.group(1), found.group(2))));
    }

    private static int kernelType(String name) {
        return CaseKernel.kernelTypes().find(name, BtfKind.STRUCT);
    }

    /** Anonymous structures and unions are looked into. */
    private static long offset(String struct, String member) {
        long found = offset(CaseKernel.kernelTypes(), kernelType(struct), member);
        if (found < 0) {
            throw new IllegalArgumentException("no member " + struct + "." + member);
        }
        return found;
    }

    private static long offset(Btf btf, int id, String name) {
        if (btf.resolve(id) instanceof BtfType.Composite struct) {
            for (BtfType.Member member : struct.members()) {
                long inner = member.name().isEmpty() ? offset(btf, member.type(), name) : -1;
                if (member.name().equals(name) || inner >= 0) {
                    return member.bitOffset() / 8 + Math.max(0, inner);
                }
            }
        }
        return -1;
    }
}
