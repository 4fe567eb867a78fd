package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.btf.DeclTags;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A part of a map value (or of an allocated object) that is no plain bytes (kernel: {@code struct
 * btf_field}).
 *
 * @param kind what it is
 * @param offset bytes from the start
 * @param pointee BTF id of what a kptr points to, or of what a list or tree contains, else 0
 * @param nodeOffset of a list or tree: where the node lies in what it contains
 */
record SpecialField(Kind kind, int offset, int pointee, int nodeOffset) {
    private static final String CONTAINS = "contains:";
    private static final int MAX_DEPTH = 8;
    private static final int MAX_FIELDS = 64;

    /** Kinds, with the name of their C structure where they have one. */
    enum Kind {
        SPIN_LOCK("bpf_spin_lock", 4),
        RES_SPIN_LOCK("bpf_res_spin_lock", 4),
        TIMER("bpf_timer", 16),
        WORKQUEUE("bpf_wq", 16),
        TASK_WORK("bpf_task_work", 8),
        LIST_HEAD("bpf_list_head", 16),
        LIST_NODE("bpf_list_node", 24),
        RB_ROOT("bpf_rb_root", 16),
        RB_NODE("bpf_rb_node", 32),
        REFCOUNT("bpf_refcount", 4),
        KPTR_UNTRUSTED(null, 8),
        KPTR(null, 8),
        KPTR_PERCPU(null, 8),
        UPTR(null, 8);

        private final String struct;
        private final int size;

        Kind(String struct, int size) {
            this.struct = struct;
            this.size = size;
        }

        int size() {
            return size;
        }

        boolean isKptr() {
            return this == KPTR_UNTRUSTED || this == KPTR || this == KPTR_PERCPU || this == UPTR;
        }

        String text() {
            return struct != null ? struct : "kptr";
        }
    }

    int end() {
        return offset + kind.size();
    }

    static List<SpecialField> find(Btf btf, int typeId) {
        List<SpecialField> found = new ArrayList<>();
        if (btf != null && typeId != 0) {
            BtfType type = btf.resolve(typeId);
            if (type instanceof BtfType.Datasec datasec) {
                for (BtfType.VarInfo var : datasec.vars()) {
                    if (btf.type(var.type()) instanceof BtfType.Var variable) {
                        List<String> contains =
                                btf.tags().values(var.type(), DeclTags.WHOLE, CONTAINS);
                        new Search(btf, found).type(variable.type(), var.offset(), 0, contains);
                    }
                }
            } else {
                new Search(btf, found).type(typeId, 0, 0, List.of());
            }
        }
        found.sort(Comparator.comparingInt(SpecialField::offset));
        return List.copyOf(found);
    }

    /** Looks through a type. */
    private record Search(Btf btf, List<SpecialField> found) {
        /** {@code contains} are the tags of the member or variable that has this type. */
        void type(int typeId, long offset, int depth, List<String> contains) {
            if (depth > MAX_DEPTH || found.size() > MAX_FIELDS || offset > Integer.MAX_VALUE) {
                return;
            }
            switch (btf.resolve(typeId)) {
                case BtfType.Composite struct when struct.kind() == BtfKind.STRUCT ->
                        struct(struct, offset, depth, contains);
                case BtfType.Array array -> {
                    long size = btf.sizeOf(array.element());
                    for (int i = 0; i < array.count() && i < MAX_FIELDS && size > 0; i++) {
                        int before = found.size();
                        type(array.element(), offset + i * size, depth + 1, contains);
                        if (found.size() == before) {
                            return;
                        }
                    }
                }
                case BtfType.Ptr pointer -> {
                    Kind kind = kptr(btf, pointer.target());
                    if (kind != null) {
                        int pointee = btf.skipModifiers(pointer.target());
                        found.add(new SpecialField(kind, (int) offset, pointee, 0));
                    }
                }
                default -> {}
            }
        }

        private void struct(
                BtfType.Composite struct, long offset, int depth, List<String> contains) {
            for (Kind kind : Kind.values()) {
                if (struct.name().equals(kind.struct)) {
                    found.add(
                            kind == Kind.LIST_HEAD || kind == Kind.RB_ROOT
                                    ? root(kind, (int) offset, contains)
                                    : new SpecialField(kind, (int) offset, 0, 0));
                    return;
                }
            }
            for (int i = 0; i < struct.members().size(); i++) {
                BtfType.Member member = struct.members().get(i);
                type(
                        member.type(),
                        offset + member.bitOffset() / 8,
                        depth + 1,
                        btf.tags().values(struct.id(), i, CONTAINS));
            }
        }

        /** A head or root with {@code __contains(type, node)}. */
        private SpecialField root(Kind kind, int offset, List<String> contains) {
            for (String tag : contains) {
                String[] names = tag.split(":");
                int id = names.length == 2 ? btf.find(names[0], BtfKind.STRUCT) : 0;
                if (id != 0 && btf.type(id) instanceof BtfType.Composite owner) {
                    for (BtfType.Member member : owner.members()) {
                        if (member.name().equals(names[1])) {
                            int node = (int) (member.bitOffset() / 8);
                            return new SpecialField(kind, offset, id, node);
                        }
                    }
                }
            }
            return new SpecialField(kind, offset, 0, 0);
        }
    }

    private static Kind kptr(Btf btf, int target) {
        int id = target;
        for (int i = 0; i < MAX_DEPTH && btf.type(id) instanceof BtfType.Alias alias; i++) {
            if (alias.kind() == BtfKind.TYPE_TAG) {
                switch (alias.name()) {
                    case "kptr_untrusted":
                        return Kind.KPTR_UNTRUSTED;
                    case "kptr":
                        return Kind.KPTR;
                    case "percpu_kptr":
                        return Kind.KPTR_PERCPU;
                    case "uptr":
                        return Kind.UPTR;
                    default:
                        break;
                }
            }
            id = alias.target();
        }
        return null;
    }
}
