package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.util.List;

/** What an access of some bytes at an offset of a structure finds (kernel: btf_struct_walk). */
final class StructWalk {
    private static final int MAX_DEPTH = 16;

    private final Btf btf;
    private final int size;
    private boolean inUnion;

    private StructWalk(Btf btf, int size) {
        this.btf = btf;
        this.size = size;
    }

    /**
     * What lies at an offset.
     *
     * @param pointee id of the structure that a pointer points to, 0 for a number
     * @param flags what its type tags say
     * @param inUnion it may be something else
     * @param member name of the member
     */
    record Found(int pointee, int flags, boolean inUnion, String member) {}

    static Found find(Btf btf, int struct, int off, int size) {
        return new StructWalk(btf, size).in(struct, off, 0);
    }

    private static Refusal refuse(String message) {
        return Env.refuse(RefusalKind.BTF_ACCESS, message);
    }

    private Found number(String member) {
        return new Found(0, 0, inUnion, member);
    }

    private Found in(int id, int off, int depth) {
        if (!(btf.resolve(id) instanceof BtfType.Composite struct) || depth > MAX_DEPTH) {
            throw refuse("Type '" + btf.name(id) + "' is not a struct");
        }
        List<BtfType.Member> members = struct.members();
        inUnion |= struct.kind() == BtfKind.UNION && members.size() != 1;
        if (off + size > struct.size()) {
            return behind(struct, off, depth);
        }
        for (BtfType.Member member : members) {
            long start = member.bitOffset() / 8;
            if (off + size <= start) {
                break;
            }
            if (member.bitSize() != 0) {
                long end = (member.bitOffset() + member.bitSize() + 7) / 8;
                if (off <= start && end <= off + size) {
                    return number(member.name());
                }
                continue;
            }
            if (off < start) {
                break;
            }
            if (off < start + btf.sizeOf(member.type())) {
                return member(struct, member, off, depth);
            }
        }
        throw refuse("struct " + name(struct) + " doesn't have field at offset " + off);
    }

    private static String name(BtfType.Composite struct) {
        return struct.name().isEmpty() ? "(anon)" : struct.name();
    }

    private Found member(BtfType.Composite struct, BtfType.Member member, int off, int depth) {
        long start = member.bitOffset() / 8;
        long end = start + btf.sizeOf(member.type());
        int type = btf.skipModifiers(member.type());
        while (btf.type(type) instanceof BtfType.Array array) {
            long element = btf.sizeOf(array.element());
            start += element == 0 ? 0 : (off - start) / element * element;
            type = btf.skipModifiers(array.element());
        }
        switch (btf.type(type)) {
            case BtfType.Composite inner -> {
                return in(inner.id(), (int) (off - start), depth + 1);
            }
            case BtfType.Ptr pointer -> {
                if (size != 8 || off != start) {
                    throw refuse(
                            "cannot access ptr member "
                                    + member.name()
                                    + " with moff "
                                    + start
                                    + " in struct "
                                    + name(struct)
                                    + " with off "
                                    + off
                                    + " size "
                                    + size);
                }
                int target = btf.skipModifiers(pointer.target());
                if (btf.type(target) instanceof BtfType.Composite) {
                    return new Found(target, tags(pointer.target()), inUnion, member.name());
                }
            }
            default -> {}
        }
        if (off + size > end && !inUnion) {
            throw refuse(
                    "access beyond the end of member "
                            + member.name()
                            + " (mend:"
                            + end
                            + ") in struct "
                            + name(struct)
                            + " with off "
                            + off
                            + " size "
                            + size);
        }
        return number(member.name());
    }

    /** Behind the end of a structure there may be an array without a length. */
    private Found behind(BtfType.Composite struct, int off, int depth) {
        BtfType.Member last = struct.members().isEmpty() ? null : struct.members().getLast();
        if (last != null
                && btf.resolve(last.type()) instanceof BtfType.Array array
                && array.count() == 0
                && off >= last.bitOffset() / 8) {
            int element = btf.skipModifiers(array.element());
            if (btf.type(element) instanceof BtfType.Int) {
                return number(last.name());
            }
            long bytes = btf.sizeOf(element);
            if (btf.type(element) instanceof BtfType.Composite && bytes > 0) {
                return in(element, (int) ((off - last.bitOffset() / 8) % bytes), depth + 1);
            }
        }
        throw refuse("access beyond struct " + name(struct) + " at off " + off + " size " + size);
    }

    private int tags(int id) {
        int at = id;
        for (int i = 0; i < MAX_DEPTH && btf.type(at) instanceof BtfType.Alias alias; i++) {
            if (alias.kind() == BtfKind.TYPE_TAG) {
                switch (alias.name()) {
                    case "user":
                        return Reg.USER;
                    case "percpu":
                        return Reg.PERCPU;
                    case "rcu":
                        return Reg.RCU;
                    default:
                        break;
                }
            }
            at = alias.target();
        }
        return 0;
    }
}
