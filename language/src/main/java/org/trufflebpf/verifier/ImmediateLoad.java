package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

/**
 * Loads of 64-bit immediates: numbers, maps, their values, kernel variables, functions (kernel:
 * {@code check_ld_imm}).
 */
final class ImmediateLoad {
    private final Env env;

    ImmediateLoad(Env env) {
        this.env = env;
    }

    void check(Insn insn) {
        Reg dst = env.write(insn.dst());
        switch (insn.src()) {
            case 0 -> dst.setKnown(insn.imm64());
            case 1, 5 -> {
                MapFacts map = env.map(insn.imm());
                checkMap(map);
                dst.setPointer(RegType.MAP_PTR, 0);
                dst.map = map;
            }
            case 2, 6 -> mapValue(insn, dst);
            case 3 -> kernelVariable(insn, dst);
            case 4 -> {
                Layout.Subprog subprog = env.layout.at(Layout.callTarget(insn));
                dst.setPointer(RegType.FUNC, 0);
                dst.subprog = subprog.index;
            }
            default ->
                    throw Env.refuse(
                            RefusalKind.INSTRUCTION, "invalid BPF_LD_IMM insn: src " + insn.src());
        }
    }

    private void checkMap(MapFacts map) {
        boolean lock =
                map.field(SpecialField.Kind.SPIN_LOCK) != null
                        || map.field(SpecialField.Kind.RES_SPIN_LOCK) != null;
        boolean tracing =
                env.isOneOf(
                        ProgramType.KPROBE,
                        ProgramType.TRACEPOINT,
                        ProgramType.PERF_EVENT,
                        ProgramType.RAW_TRACEPOINT,
                        ProgramType.RAW_TRACEPOINT_WRITABLE);
        if (lock && env.type == ProgramType.SOCKET_FILTER) {
            throw Env.refuse(
                    RefusalKind.MAP_USE, "socket filter progs cannot use bpf_spin_lock yet");
        }
        if (lock && tracing) {
            throw Env.refuse(RefusalKind.MAP_USE, "tracing progs cannot use bpf_spin_lock yet");
        }
        if (map.field(SpecialField.Kind.TIMER) != null && tracing) {
            throw Env.refuse(RefusalKind.MAP_USE, "tracing progs cannot use bpf_timer yet");
        }
    }

    private void mapValue(Insn insn, Reg dst) {
        MapFacts map = env.map(insn.imm());
        if (map.type() == MapType.ARENA) {
            dst.setUnknown();
            return;
        }
        checkMap(map);
        long off = insn.nextImm() & 0xffff_ffffL;
        if (map.type() != MapType.ARRAY) {
            throw Env.refuse(
                    RefusalKind.MAP_USE,
                    "no direct value access support for this map type ("
                            + map.type().label()
                            + ")");
        }
        if (map.spec.maxEntries() != 1
                || off >= Env.MAX_VAR_OFF
                || off >= Integer.toUnsignedLong(map.valueSize())) {
            throw Env.refuse(
                    RefusalKind.MAP_VALUE_BOUNDS,
                    "invalid access to map value pointer, value_size="
                            + map.valueSize()
                            + " off="
                            + off);
        }
        dst.setPointer(RegType.MAP_VALUE, 0);
        dst.map = map;
        // no id: there is but one value, so that all its addresses are of one object
        dst.off = (int) off;
    }

    private void kernelVariable(Insn insn, Reg dst) {
        var btf = env.requireTarget("a kernel variable");
        if (btf.type(insn.imm()) instanceof BtfType.Var variable) {
            int type = btf.skipModifiers(variable.type());
            boolean perCpu = isPerCpu(btf, insn.imm());
            if (btf.type(type) instanceof BtfType.Composite || perCpu) {
                dst.setPointer(RegType.BTF, perCpu ? Reg.PERCPU : 0);
                dst.btf = btf;
                dst.btfId = type;
                return;
            }
            long size = btf.sizeOf(type);
            dst.setPointer(RegType.MEM, Reg.RDONLY);
            dst.memSize = (int) Math.max(0, size);
            return;
        }
        dst.setPointer(RegType.MEM, Reg.RDONLY);
        dst.memSize = 0;
    }

    private static boolean isPerCpu(Btf btf, int id) {
        int section = btf.find(".data..percpu", BtfKind.DATASEC);
        return section != 0
                && btf.type(section) instanceof BtfType.Datasec datasec
                && datasec.vars().stream().anyMatch(info -> info.type() == id);
    }
}
