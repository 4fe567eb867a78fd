package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.helper.ArgKind;
import org.trufflebpf.helper.HelperArg;
import org.trufflebpf.helper.HelperArg.Flag;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.HelperRow.Effect;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.verifier.HelperCheck.Meta;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Holds the arguments of helpers to their kinds (kernel: {@code check_func_arg}). */
final class ArgumentCheck {
    private static final Set<RegType> MEMORY =
            EnumSet.of(
                    RegType.STACK,
                    RegType.PACKET,
                    RegType.PACKET_META,
                    RegType.MAP_KEY,
                    RegType.MAP_VALUE,
                    RegType.MEM,
                    RegType.BUF,
                    RegType.BTF);
    private static final Set<RegType> ELEMENT =
            EnumSet.of(
                    RegType.STACK,
                    RegType.PACKET,
                    RegType.PACKET_META,
                    RegType.MAP_KEY,
                    RegType.MAP_VALUE,
                    RegType.MEM);
    private static final Map<ArgKind, Set<RegType>> ALLOWED = allowed();

    private final Env env;
    private final MemoryCheck memory;
    final HelperMemory sized;
    final DynptrCheck dynptrs;
    final LockCheck locks;

    ArgumentCheck(Env env, MemoryCheck memory) {
        this.env = env;
        this.memory = memory;
        this.sized = new HelperMemory(env, memory);
        this.dynptrs = new DynptrCheck(env, memory);
        this.locks = new LockCheck(env);
    }

    private static Map<ArgKind, Set<RegType>> allowed() {
        Map<ArgKind, Set<RegType>> map = new EnumMap<>(ArgKind.class);
        map.put(ArgKind.CONST_MAP_PTR, EnumSet.of(RegType.MAP_PTR));
        map.put(ArgKind.MAP_KEY, ELEMENT);
        map.put(ArgKind.MAP_VALUE, ELEMENT);
        map.put(ArgKind.MEM, MEMORY);
        map.put(ArgKind.ARENA, EnumSet.of(RegType.MAP_PTR));
        map.put(ArgKind.CONST_SIZE, EnumSet.of(RegType.SCALAR));
        map.put(ArgKind.CONST_SIZE_OR_ZERO, EnumSet.of(RegType.SCALAR));
        map.put(ArgKind.CONST_ALLOC_SIZE_OR_ZERO, EnumSet.of(RegType.SCALAR));
        map.put(ArgKind.CTX, EnumSet.of(RegType.CTX));
        map.put(
                ArgKind.SOCK_COMMON,
                EnumSet.of(RegType.SOCK_COMMON, RegType.SOCKET, RegType.TCP_SOCK));
        map.put(
                ArgKind.BTF_ID_SOCK_COMMON,
                EnumSet.of(RegType.SOCK_COMMON, RegType.SOCKET, RegType.TCP_SOCK, RegType.BTF));
        map.put(ArgKind.SOCKET, EnumSet.of(RegType.SOCKET));
        map.put(ArgKind.BTF_ID, EnumSet.of(RegType.BTF));
        map.put(ArgKind.PERCPU_BTF_ID, EnumSet.of(RegType.BTF));
        map.put(ArgKind.SPIN_LOCK, EnumSet.of(RegType.MAP_VALUE, RegType.BTF));
        map.put(ArgKind.RINGBUF_MEM, EnumSet.of(RegType.MEM));
        map.put(ArgKind.FUNC, EnumSet.of(RegType.FUNC));
        map.put(ArgKind.STACK, EnumSet.of(RegType.STACK));
        map.put(ArgKind.CONST_STR, EnumSet.of(RegType.MAP_VALUE));
        map.put(ArgKind.TIMER, EnumSet.of(RegType.MAP_VALUE));
        map.put(ArgKind.KPTR_XCHG_DEST, EnumSet.of(RegType.MAP_VALUE, RegType.BTF));
        map.put(ArgKind.DYNPTR, EnumSet.of(RegType.STACK, RegType.DYNPTR));
        return map;
    }

    void check(int index, HelperArg arg, HelperRow row, Meta meta) {
        int regno = index + 1;
        Reg reg = env.read(regno);
        if (arg.kind() == ArgKind.ANYTHING) {
            return;
        }
        if (reg.type.isPacket() && !(row.has(Effect.PACKET_ACCESS) || isMemoryOfPacketHelper())) {
            throw Env.refuse(RefusalKind.ARGUMENT, "helper access to the packet is not allowed");
        }
        if (reg.type.isPacket() && !memory.mayReadPacketInHelper()) {
            throw Env.refuse(RefusalKind.ARGUMENT, "helper access to the packet is not allowed");
        }
        if (!(reg.isNull() && arg.nullable())) {
            checkType(regno, reg, arg, row);
            checkOffset(regno, reg, arg);
        }
        if (arg.has(Flag.RELEASE)) {
            if (arg.kind() != ArgKind.DYNPTR && reg.refId == 0 && !reg.isNull()) {
                throw Env.refuse(
                        RefusalKind.REFERENCE,
                        "R" + regno + " must be referenced when passed to release function");
            }
            meta.releaseRegno = regno;
        }
        if (reg.refId != 0 && arg.kind() != ArgKind.KPTR_XCHG_DEST) {
            if (meta.refId != 0) {
                throw Env.refuse(
                        RefusalKind.REFERENCE,
                        "more than one arg with ref_obj_id R"
                                + regno
                                + " "
                                + reg.refId
                                + " "
                                + meta.refId);
            }
            meta.refId = reg.refId;
        }
        checkValue(index, regno, reg, arg, row, meta);
    }

    private static boolean isMemoryOfPacketHelper() {
        return false;
    }

    private void checkType(int regno, Reg reg, HelperArg arg, HelperRow row) {
        Set<RegType> allowed = ALLOWED.get(arg.kind());
        boolean matches = allowed.contains(reg.type);
        int ignored = 0;
        if (arg.nullable()) {
            ignored |= Reg.NULL;
        }
        if (arg.has(Flag.RDONLY)) {
            ignored |= Reg.RDONLY;
        }
        if (arg.kind() == ArgKind.MEM) {
            ignored |= Reg.RINGBUF;
        }
        int rest = reg.flags & ~ignored;
        matches &=
                switch (arg.kind()) {
                    case RINGBUF_MEM -> rest == Reg.RINGBUF;
                    case BTF_ID ->
                            (rest & ~(Reg.TRUSTED | Reg.RCU)) == 0
                                    || (arg.has(Flag.RELEASE) && (rest & Reg.ALLOC) != 0);
                    case BTF_ID_SOCK_COMMON -> (rest & ~Reg.TRUSTED) == 0;
                    case PERCPU_BTF_ID -> (rest & Reg.PERCPU) != 0;
                    case SPIN_LOCK, KPTR_XCHG_DEST ->
                            reg.type == RegType.MAP_VALUE ? rest == 0 : rest == Reg.ALLOC;
                    case MEM ->
                            reg.type == RegType.BTF
                                    ? rest == Reg.TRUSTED
                                    : (rest & ~Reg.UNTRUSTED) == 0 || reg.isScalar();
                    case STACK, MAP_KEY, MAP_VALUE -> (rest & ~Reg.RINGBUF) == 0;
                    default -> rest == 0;
                };
        if (matches && reg.type == RegType.BTF && arg.kind() == ArgKind.BTF_ID) {
            checkStruct(regno, reg, arg, row);
        }
        if (!matches) {
            throw Env.refuse(
                    reg.has(Reg.NULL) && !arg.nullable()
                            ? RefusalKind.MAYBE_NULL
                            : RefusalKind.ARGUMENT,
                    "R"
                            + regno
                            + " type="
                            + Log.typeName(reg)
                            + " expected="
                            + expected(allowed)
                            + " (argument of "
                            + row
                            + ": "
                            + arg.kind().expected()
                            + ")");
        }
    }

    private static String expected(Set<RegType> allowed) {
        StringBuilder text = new StringBuilder();
        for (RegType type : allowed) {
            text.append(text.isEmpty() ? "" : ", ").append(type.text());
        }
        return text.toString();
    }

    private void checkStruct(int regno, Reg reg, HelperArg arg, HelperRow row) {
        if (arg.type() == null || reg.btf == null) {
            return;
        }
        String actual = Btf.essentialName(reg.btf.name(reg.btfId));
        if (actual.equals(arg.type()) || startsWith(reg.btf, reg.btfId, arg.type(), 0)) {
            return;
        }
        throw Env.refuse(
                RefusalKind.ARGUMENT,
                "R"
                        + regno
                        + " is of type "
                        + actual
                        + " but "
                        + arg.type()
                        + " is expected ("
                        + row
                        + ")");
    }

    /** Whether a structure is the first member of another, however deep. */
    private static boolean startsWith(Btf btf, int id, String wanted, int depth) {
        if (depth > 8
                || !(btf.resolve(id) instanceof org.trufflebpf.btf.BtfType.Composite struct)
                || struct.members().isEmpty()) {
            return false;
        }
        int first = btf.skipModifiers(struct.members().getFirst().type());
        return btf.name(first).equals(wanted) || startsWith(btf, first, wanted, depth + 1);
    }

    /** Kernel: {@code check_func_arg_reg_off}. */
    private void checkOffset(int regno, Reg reg, HelperArg arg) {
        if (arg.has(Flag.RELEASE)) {
            if (arg.kind() != ArgKind.DYNPTR && reg.type != RegType.STACK && reg.off != 0) {
                throw Env.refuse(
                        RefusalKind.REFERENCE,
                        "R" + regno + " must have zero offset when passed to release func");
            }
        }
        switch (reg.type) {
            case STACK, PACKET, PACKET_META, MAP_KEY, MAP_VALUE, MEM, BUF, SCALAR, ARENA -> {}
            case BTF -> {
                if (!reg.isConst() || reg.off < 0) {
                    memory.checkNoOffset(reg, regno);
                }
            }
            default -> memory.checkNoOffset(reg, regno);
        }
    }

    private void checkValue(
            int index, int regno, Reg reg, HelperArg arg, HelperRow row, Meta meta) {
        switch (arg.kind()) {
            case CONST_MAP_PTR -> {
                meta.map = reg.map;
                meta.mapUid = reg.mapUid;
                if (row.name().equals("timer_init")) {
                    Reg timer = env.reg(1);
                    MapFieldCheck.requireSameMap(regno, reg, timer.map, timer.mapUid, "timer");
                }
            }
            case MAP_KEY -> {
                requireMap(meta);
                sized.access(regno, meta.map.keySize(), false, false, null);
                constKey(reg, meta);
            }
            case MAP_VALUE -> {
                if (arg.nullable() && reg.isNull()) {
                    return;
                }
                requireMap(meta);
                meta.rawMode = arg.has(Flag.UNINIT);
                sized.access(regno, meta.map.valueSize(), arg.written(), false, meta);
            }
            case MEM -> {
                meta.rawMode = arg.has(Flag.UNINIT);
                if (arg.size() > 0) {
                    sized.access(regno, arg.size(), arg.written(), false, meta);
                    if (arg.has(Flag.ALIGNED)) {
                        memory.checkAlignment(reg, 0, arg.size(), true);
                    }
                }
            }
            case CONST_SIZE, CONST_SIZE_OR_ZERO ->
                    sized.size(
                            regno,
                            reg,
                            row.args().get(index - 1).written(),
                            arg.kind() == ArgKind.CONST_SIZE_OR_ZERO,
                            meta);
            case CONST_ALLOC_SIZE_OR_ZERO -> {
                if (!reg.isConst()) {
                    throw Env.refuse(
                            RefusalKind.ARGUMENT, "R" + regno + " is not a known constant'");
                }
                meta.memSize = reg.bits.value();
                env.precision.mark(regno);
            }
            case SPIN_LOCK -> locks.spinLock(regno, reg, row.name().equals("spin_lock"));
            case TIMER -> {
                MapFieldCheck.require(regno, reg, SpecialField.Kind.TIMER);
                meta.map = reg.map;
                meta.mapUid = reg.mapUid;
            }
            case FUNC -> meta.subprog = reg.subprog;
            case PERCPU_BTF_ID, BTF_ID -> meta.btfArg = new Reg(reg);
            case DYNPTR -> dynptrs.argument(regno, reg, arg, meta);
            case CONST_STR -> constString(regno, reg);
            case KPTR_XCHG_DEST -> kptr(regno, reg, meta);
            default -> {}
        }
    }

    private static void requireMap(Meta meta) {
        if (meta.map == null) {
            throw Env.refuse(RefusalKind.MAP_USE, "invalid map_ptr to access map->key");
        }
    }

    /** A key that is a known number on the stack. */
    private void constKey(Reg reg, Meta meta) {
        MapType type = meta.map.type();
        if ((type != MapType.ARRAY && type != MapType.PERCPU_ARRAY)
                || reg.type != RegType.STACK
                || !reg.isConst()) {
            return;
        }
        int off = (int) (reg.off + reg.bits.value());
        int number = (-off - 1) >> 3;
        Frame frame = env.frameOf(reg);
        if (number < 0 || number >= frame.slots.size()) {
            return;
        }
        StackSlot slot = frame.slots.get(number);
        int first = (-off - 1) & 7;
        boolean zero = first >= 3;
        for (int i = 0; i < 4 && zero; i++) {
            zero = slot.kinds[first - i] == StackSlot.ZERO;
        }
        if (zero) {
            meta.constKey = 0;
            return;
        }
        if (!slot.isScalarSpill()
                || (off & 7) != 0
                || slot.kinds[4] != StackSlot.SPILL
                || !slot.spilled.isConst()) {
            return;
        }
        env.precision.markSlot(reg.frameno, number);
        meta.constKey = slot.spilled.bits.value() & 0xffff_ffffL;
    }

    void constString(int regno, Reg reg) {
        byte[] constants = reg.map.constants();
        if (constants == null) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT, "R" + regno + " does not point to a readonly map'");
        }
        if (!reg.isConst()) {
            throw Env.refuse(RefusalKind.ARGUMENT, "R" + regno + " is not a constant address'");
        }
        int from = (int) (reg.off + reg.bits.value());
        for (int i = Math.max(0, from); i < constants.length; i++) {
            if (constants[i] == 0) {
                return;
            }
        }
        throw Env.refuse(RefusalKind.ARGUMENT, "string is not zero-terminated");
    }

    private void kptr(int regno, Reg reg, Meta meta) {
        Env.requireConstantOffset(regno, reg, "kptr", RefusalKind.ARGUMENT);
        long at = reg.off + reg.bits.value();
        SpecialField field = null;
        for (SpecialField candidate : env.fields(reg)) {
            if (candidate.offset() == at && candidate.kind().isKptr()) {
                field = candidate;
            }
        }
        if (field == null) {
            throw Env.refuse(RefusalKind.ARGUMENT, "off=" + at + " doesn't point to kptr");
        }
        if (field.kind() == SpecialField.Kind.KPTR_UNTRUSTED) {
            throw Env.refuse(RefusalKind.ARGUMENT, "off=" + at + " kptr isn't referenced kptr");
        }
        meta.kptrField = field;
        if (!env.reg(regno + 1).isNull()) {
            memory.kptrs.match(regno + 1, field);
        }
    }
}
