package org.trufflebpf.relo;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.List;

/**
 * A structure of operations as an object declares it, and whether the target has it: a map of type
 * struct_ops is made only where its members fit those of the kernel's structure of the same name
 * (libbpf: {@code bpf_map__init_kern_struct_ops}).
 */
public final class StructOps {
    private final ObjectSpec object;
    private final MapSpec map;
    private final BtfType.Composite struct;

    private StructOps(ObjectSpec object, MapSpec map) {
        this.object = object;
        this.map = map;
        this.struct = (BtfType.Composite) object.btf().resolve(map.valueTypeId());
    }

    /**
     * The members of a structure that are pointers to functions.
     *
     * @param id of the structure
     */
    public static List<BtfType.Member> functions(Btf btf, int id) {
        List<BtfType.Member> functions = new ArrayList<>();
        if (btf.resolve(id) instanceof BtfType.Composite struct) {
            for (BtfType.Member member : struct.members()) {
                if (isFunction(btf, member.type())) {
                    functions.add(member);
                }
            }
        }
        return functions;
    }

    private static boolean isFunction(Btf btf, int type) {
        return btf.resolve(type) instanceof BtfType.Ptr pointer
                && btf.resolve(pointer.target()) instanceof BtfType.FuncProto;
    }

    /**
     * Holds a map to the structure that the target has.
     *
     * @throws BpfException UNSUPPORTED if the target has no such structure of operations,
     *     UNRESOLVED if it has other members
     */
    public static void check(ObjectSpec object, MapSpec map, TargetBtf target) {
        new StructOps(object, map).check(target.get());
    }

    private void check(Btf kernel) {
        String name = Btf.essentialName(struct.name());
        int id = kernel.find(name, BtfKind.STRUCT);
        if (id == 0) {
            throw BpfException.unsupported(Where.UNKNOWN, text("no struct " + name));
        }
        if (kernel.find("bpf_struct_ops_" + name, BtfKind.STRUCT) == 0) {
            throw BpfException.unsupported(
                    Where.UNKNOWN,
                    text("no struct bpf_struct_ops_" + name + ": programs cannot be its members"));
        }
        BtfType.Composite theirs = (BtfType.Composite) kernel.resolve(id);
        for (BtfType.Member member : struct.members()) {
            check(kernel, member, theirs.member(member.name()));
        }
    }

    private void check(Btf kernel, BtfType.Member ours, BtfType.Member theirs) {
        if (theirs == null) {
            if (isSet(ours)) {
                throw wrong("no member " + ours.name() + " in struct " + struct.name());
            }
            return;
        }
        if (ours.bitSize() != 0 || theirs.bitSize() != 0) {
            throw wrong("bit-field " + ours.name() + ", which no object can set");
        }
        if (isFunction(object.btf(), ours.type())) {
            if (!isFunction(kernel, theirs.type())) {
                throw wrong("no function pointer " + ours.name());
            }
            checkProgram(ours);
        } else if (isSet(ours)
                && (object.btf().kind(object.btf().resolve(ours.type()).id())
                                != kernel.kind(kernel.resolve(theirs.type()).id())
                        || object.btf().sizeOf(ours.type()) != kernel.sizeOf(theirs.type()))) {
            throw wrong("another type of member " + ours.name());
        }
    }

    private void checkProgram(BtfType.Member member) {
        for (MapSpec.Slot slot : map.slots()) {
            ProgramSpec program = object.program(slot.target());
            if (slot.key() * 8L == member.bitOffset()
                    && (program == null || program.type() != ProgramType.STRUCT_OPS)) {
                throw BpfException.unresolved(
                        Where.UNKNOWN,
                        "map "
                                + map.name()
                                + ": member "
                                + member.name()
                                + " is "
                                + slot.target()
                                + ", which is no struct_ops program");
            }
        }
    }

    /** Whether the object gives a member a value other than zeros. */
    private boolean isSet(BtfType.Member member) {
        long start = member.bitOffset() / 8;
        long end = start + Math.max(1, object.btf().sizeOf(member.type()));
        for (MapSpec.Slot slot : map.slots()) {
            if (slot.key() >= start && slot.key() < end) {
                return true;
            }
        }
        for (long at = start; at < Math.min(end, map.data().length); at++) {
            if (map.data()[(int) at] != 0) {
                return true;
            }
        }
        return false;
    }

    private BpfException wrong(String lack) {
        return BpfException.unresolved(Where.UNKNOWN, text(lack));
    }

    private String text(String lack) {
        return "map "
                + map.name()
                + " (struct_ops): the target BTF has "
                + lack
                + "; give the BTF of a kernel that has it";
    }
}
