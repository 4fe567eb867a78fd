package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.HelperArg;
import org.trufflebpf.helper.HelperArg.Flag;
import org.trufflebpf.helper.HelperReturn;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.HelperRow.Effect;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.helper.MapCompatibility;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.uapi.MapType;

import java.util.List;
import java.util.Set;

/** Calls of helpers: who may call what, with which arguments, and what comes of it. */
final class HelperCheck {
    private static final Set<String> ACQUIRE =
            Set.of(
                    "sk_lookup_tcp",
                    "sk_lookup_udp",
                    "skc_lookup_tcp",
                    "ringbuf_reserve",
                    "kptr_xchg");
    private static final Set<String> CAST =
            Set.of(
                    "sk_fullsock",
                    "tcp_sock",
                    "skc_to_tcp_sock",
                    "skc_to_tcp6_sock",
                    "skc_to_udp6_sock",
                    "skc_to_mptcp_sock",
                    "skc_to_tcp_timewait_sock",
                    "skc_to_tcp_request_sock");
    private static final Set<String> BOUNDED_RESULT =
            Set.of(
                    "get_stack",
                    "get_task_stack",
                    "probe_read_str",
                    "probe_read_kernel_str",
                    "probe_read_user_str");

    private static final int MAX_ERRNO = 4095;

    private final Env env;
    final ArgumentCheck arguments;
    private final MemoryCheck memory;
    private final CallCheck calls;
    private final CallbackCheck callbacks;

    HelperCheck(Env env, MemoryCheck memory, CallbackCheck callbacks, CallCheck calls) {
        this.env = env;
        this.memory = memory;
        this.callbacks = callbacks;
        this.arguments = new ArgumentCheck(env, memory);
        this.calls = calls;
    }

    /** What the arguments of one call said. */
    static final class Meta {
        MapFacts map;
        int mapUid;
        final StackCheck.Raw raw = new StackCheck.Raw();
        boolean rawMode;
        int releaseRegno = -1;
        int refId;
        int subprog = -1;
        long memSize;
        long maxSize;
        long constKey = -1;
        Reg btfArg;
        int dynptrId;
        int dynptrRefId;
        Reg.DynptrKind dynptr = Reg.DynptrKind.NONE;
        SpecialField kptrField;
    }

    HelperRow row(Insn insn) {
        HelperRow row = HelperTable.row(insn.imm());
        if (row == null) {
            throw Env.refuse(RefusalKind.HELPER, "invalid func unknown#" + insn.imm());
        }
        if (!row.types().contains(env.type)) {
            throw Env.refuse(RefusalKind.HELPER, "program of this type cannot use helper " + row);
        }
        try {
            if (row.state() != HelperRow.State.NONE) {
                row = HelperTable.require(insn.imm(), env.type);
            }
        } catch (BpfException e) {
            if (e.failure() == org.trufflebpf.failure.Failure.REJECTED) {
                throw Env.refuse(RefusalKind.HELPER, e.getMessage());
            }
        }
        return row;
    }

    void check(Insn insn) {
        HelperRow row = row(insn);
        checkMayCall(row);
        Meta meta = new Meta();
        List<HelperArg> args = row.args();
        for (int i = 0; i < args.size(); i++) {
            arguments.check(i, args.get(i), row, meta);
        }
        if (meta.map != null && !MapCompatibility.allows(meta.map.type(), row)) {
            throw Env.refuse(
                    RefusalKind.MAP_USE,
                    "cannot pass map_type "
                            + meta.map.type().number()
                            + " into func "
                            + row
                            + " (map "
                            + meta.map.name()
                            + " of type "
                            + meta.map.type().label()
                            + ")");
        }
        if (row.name().equals("map_lookup_elem")) {
            env.proofs.looksUp(insn.index(), meta.map.index);
        }
        arguments.sized.writeRaw(meta);
        release(row, meta);
        special(row, meta);
        env.clearCallerSaved(env.state.frame());
        result(row, meta);
        if (row.has(Effect.CHANGES_PACKET) && !row.name().equals("tail_call")) {
            env.forgetPacketPointers();
        }
        boolean packet =
                meta.dynptr == Reg.DynptrKind.SKB || meta.dynptr == Reg.DynptrKind.SKB_META;
        if (row.name().equals("dynptr_write") && packet) {
            env.forgetPacketPointers();
        }
    }

    private void checkMayCall(HelperRow row) {
        if (row.has(Effect.GPL_ONLY) && !HelperTable.isGplCompatible(env.object.license())) {
            throw Env.refuse(
                    RefusalKind.HELPER,
                    "cannot call GPL-restricted function from non-GPL compatible program ("
                            + row
                            + ")");
        }
        if (row.has(Effect.MIGHT_SLEEP)) {
            if (!env.state.sleepable) {
                throw Env.refuse(
                        RefusalKind.SLEEPABLE,
                        "helper call might sleep in a non-sleepable prog (" + row + ")");
            }
            if (env.state.rcuLocks > 0) {
                throw Env.refuse(
                        RefusalKind.REGION, "sleepable helper " + row + " in rcu_read_lock region");
            }
            if (env.state.preemptLocks > 0) {
                throw Env.refuse(
                        RefusalKind.REGION,
                        "sleepable helper " + row + " in non-preemptible region");
            }
            if (env.state.activeIrq != 0) {
                throw Env.refuse(
                        RefusalKind.REGION, "sleepable helper " + row + " in IRQ-disabled region");
            }
        }
    }

    private void release(HelperRow row, Meta meta) {
        if (meta.releaseRegno < 0) {
            return;
        }
        if (row.args().get(meta.releaseRegno - 1).kind() == org.trufflebpf.helper.ArgKind.DYNPTR) {
            return;
        }
        if (row.name().equals("kptr_xchg")) {
            if (meta.refId != 0) {
                env.release(meta.refId);
            }
            return;
        }
        if (meta.refId != 0) {
            env.release(meta.refId);
        } else if (!env.reg(meta.releaseRegno).isNull()) {
            throw Env.refuse(
                    RefusalKind.REFERENCE,
                    "func " + row + " reference has not been acquired before");
        }
    }

    private void special(HelperRow row, Meta meta) {
        switch (row.name()) {
            case "tail_call" -> {
                calls.checkNothingHeld("tail_call");
                env.layout.containing(env.insn).tailCalls = true;
                if (env.state.current > 0 && env.layout.subprogs.size() > 1) {
                    env.layout.containing(env.insn).tailCalls = true;
                }
            }
            case "get_local_storage" -> {
                if (!env.reg(2).isNull()) {
                    throw Env.refuse(
                            RefusalKind.ARGUMENT,
                            "get_local_storage() doesn't support non-zero flags");
                }
            }
            case "for_each_map_elem",
                    "timer_set_callback",
                    "find_vma",
                    "loop",
                    "user_ringbuf_drain" ->
                    callbacks.check(row.name(), meta);
            case "dynptr_from_mem" -> {
                if (env.reg(1).type != RegType.MAP_VALUE) {
                    throw Env.refuse(
                            RefusalKind.DYNPTR,
                            "Unsupported reg type "
                                    + Log.typeName(env.reg(1))
                                    + " for bpf_dynptr_from_mem data");
                }
            }
            case "snprintf" -> checkFormat();
            default -> {}
        }
    }

    /** The arguments of a format are words of 8 bytes. */
    private void checkFormat() {
        Reg format = env.reg(3);
        Reg length = env.reg(5);
        int at = (int) (format.off + format.bits.value());
        boolean valid =
                length.bits.value() % 8 == 0
                        && FormatCheck.isValid(
                                format.map.constants(), at, (int) (length.bits.value() / 8));
        if (!valid) {
            throw Env.refuse(RefusalKind.ARGUMENT, "Invalid format string");
        }
    }

    private void result(HelperRow row, Meta meta) {
        Reg r0 = env.reg(0);
        HelperReturn result = row.result();
        boolean nullable = result.has(Flag.NULL);
        int flags = nullable ? Reg.NULL : 0;
        switch (result.kind()) {
            case INTEGER -> {
                r0.setUnknown();
                bound(row, meta, r0);
            }
            case VOID -> r0.setNotInit();
            case MAP_VALUE -> {
                if (row.name().equals("map_lookup_elem") && keyIsThere(meta)) {
                    flags = 0;
                }
                r0.setPointer(RegType.MAP_VALUE, flags);
                r0.map = meta.map;
                r0.mapUid = meta.mapUid;
                if (flags == 0 && JumpCheck.mayHoldLock(r0)) {
                    r0.id = env.newId();
                }
            }
            case SOCKET -> r0.setPointer(RegType.SOCKET, flags);
            case SOCK_COMMON -> r0.setPointer(RegType.SOCK_COMMON, flags);
            case TCP_SOCK -> r0.setPointer(RegType.TCP_SOCK, flags);
            case MEM -> {
                int more = result.has(Flag.RINGBUF) ? Reg.RINGBUF : 0;
                r0.setPointer(RegType.MEM, flags | more);
                r0.memSize = (int) meta.memSize;
                if (row.name().equals("dynptr_data")) {
                    r0.mapUid = meta.dynptrId;
                }
            }
            case MEM_OR_BTF_ID -> perCpu(meta, r0, flags | Reg.RDONLY);
            case BTF_ID -> btfResult(row, meta, r0, flags);
        }
        if (r0.has(Reg.NULL)) {
            r0.id = env.newId();
        }
        if (CAST.contains(row.name())) {
            r0.refId = meta.refId;
        } else if (row.name().equals("dynptr_data")) {
            r0.refId = meta.dynptrRefId;
        } else if (isAcquire(row, meta)) {
            int id = env.acquirePointer(env.insn);
            r0.id = id;
            r0.refId = id;
        }
    }

    private static boolean isAcquire(HelperRow row, Meta meta) {
        return ACQUIRE.contains(row.name())
                || (row.name().equals("map_lookup_elem")
                        && meta.map != null
                        && (meta.map.type() == MapType.SOCKMAP
                                || meta.map.type() == MapType.SOCKHASH));
    }

    private static boolean keyIsThere(Meta meta) {
        return (meta.map.type() == MapType.ARRAY || meta.map.type() == MapType.PERCPU_ARRAY)
                && meta.constKey >= 0
                && meta.constKey < Integer.toUnsignedLong(meta.map.spec.maxEntries());
    }

    private void bound(HelperRow row, Meta meta, Reg r0) {
        if (BOUNDED_RESULT.contains(row.name())) {
            r0.smax = meta.maxSize;
            r0.s32max = (int) Math.min(Integer.MAX_VALUE, meta.maxSize);
            r0.smin = -MAX_ERRNO;
            r0.s32min = -MAX_ERRNO;
            r0.sync();
        } else if (row.name().equals("get_smp_processor_id")) {
            int last = env.input.cpus() - 1;
            r0.smin = 0;
            r0.umax = last;
            r0.smax = last;
            r0.u32max = last;
            r0.s32min = 0;
            r0.s32max = last;
            r0.sync();
        }
    }

    private void perCpu(Meta meta, Reg r0, int flags) {
        Reg arg = meta.btfArg;
        long size = arg == null ? -1 : arg.btf.sizeOf(arg.btfId);
        if (arg != null
                && arg.btf.resolve(arg.btfId) instanceof org.trufflebpf.btf.BtfType.Composite) {
            // an object of the program's own (bpf_percpu_obj_new) may be written, and is there
            r0.setPointer(
                    RegType.BTF, arg.has(Reg.RCU) ? Reg.ALLOC | Reg.RCU : flags & ~Reg.RDONLY);
            r0.btf = arg.btf;
            r0.btfId = arg.btfId;
        } else {
            r0.setPointer(RegType.MEM, flags);
            r0.memSize = (int) Math.max(0, size);
        }
    }

    private void btfResult(HelperRow row, Meta meta, Reg r0, int flags) {
        if (row.name().equals("kptr_xchg")) {
            r0.set(memory.kptrs.pointee(meta.kptrField));
            r0.flags |= Reg.NULL;
            return;
        }
        Btf btf = env.requireTarget("the result of " + row);
        String type = row.result().type();
        int id = type == null ? 0 : btf.find(type, BtfKind.STRUCT);
        if (id == 0) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED,
                    "the result of " + row + " has no type in the kernel's BTF");
        }
        r0.setPointer(RegType.BTF, flags | (row.result().has(Flag.TRUSTED) ? Reg.TRUSTED : 0));
        r0.btf = btf;
        r0.btfId = id;
    }
}
