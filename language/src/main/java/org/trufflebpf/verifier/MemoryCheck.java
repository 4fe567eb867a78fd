package org.trufflebpf.verifier;

import org.trufflebpf.verifier.AccessProof.Region;

import java.nio.ByteOrder;

/** Loads, stores and atomic operations (kernel: {@code check_mem_access}). */
final class MemoryCheck {
    private static final int FLOW_KEYS_SIZE = 56;

    private final Env env;
    final StackCheck stack;
    final KptrCheck kptrs;
    final BoundsCheck bounds;
    private final BtfWalk walk;
    private final ContextCheck context;

    MemoryCheck(Env env) {
        this.env = env;
        this.stack = new StackCheck(env);
        this.kptrs = new KptrCheck(env);
        this.bounds = new BoundsCheck(env);
        this.walk = new BtfWalk(env);
        this.context = new ContextCheck(env);
    }

    /** An access: of {@code size} bytes at {@code off} from a register. */
    record Access(
            int regno, int off, int size, boolean write, int value, Long constant, boolean signed) {
        boolean reads() {
            return !write && value >= 0;
        }
    }

    void load(int regno, int off, int size, int value, boolean signed) {
        access(new Access(regno, off, size, false, value, null, signed));
    }

    void store(int regno, int off, int size, int value, Long constant) {
        access(new Access(regno, off, size, true, value, constant, false));
    }

    void access(Access access) {
        Reg reg = env.reg(access.regno());
        checkAlignment(reg, access.off(), access.size(), false);
        int off = access.off() + reg.off;
        Region proven = check(access, reg, off);
        if (access.regno() >= 0 && proven != null) {
            env.proofs.prove(env.insn, proven, access.size());
        } else {
            env.proofs.leaveUnproven(env.insn);
        }
        if (access.reads() && access.size() < 8 && env.reg(access.value()).isScalar()) {
            Reg value = env.reg(access.value());
            if (access.signed()) {
                value.signExtend(access.size());
            } else {
                value.truncate(access.size());
            }
        }
    }

    private Region check(Access access, Reg reg, int off) {
        int size = access.size();
        String name = "R" + access.regno();
        if (reg.has(Reg.NULL)) {
            throw invalid(access, reg);
        }
        return switch (reg.type) {
            case MAP_VALUE -> {
                mapValue(access, reg, off);
                yield Region.MAP_VALUE;
            }
            case MAP_KEY -> {
                if (access.write()) {
                    throw Env.refuse(
                            RefusalKind.READ_ONLY, "write to change key " + name + " not allowed");
                }
                bounds.region(access.regno(), reg, off, size, reg.map.keySize(), false);
                unknown(access);
                yield null;
            }
            case MEM -> {
                if (access.write() && reg.has(Reg.RDONLY)) {
                    throw Env.refuse(
                            RefusalKind.READ_ONLY,
                            name + " cannot write into " + Log.typeName(reg));
                }
                boolean probed = reg.has(Reg.RDONLY) && reg.has(Reg.UNTRUSTED);
                if (!probed) {
                    bounds.region(access.regno(), reg, off, size, reg.memSize, false);
                }
                unknown(access);
                yield probed ? null : Region.MEMORY;
            }
            case CTX -> {
                checkNoOffset(reg, access.regno());
                context.access(access, off);
                yield ContextTable.hasFixedSize(env.type) ? Region.CONTEXT : null;
            }
            case STACK -> {
                stack.checkBounds(access.regno(), reg, off, size, access.write());
                if (access.write()) {
                    stack.write(reg, off, size, access.value(), access.constant());
                } else {
                    stack.read(access.regno(), reg, off, size, access.value());
                }
                yield Region.STACK;
            }
            case PACKET, PACKET_META -> {
                if (access.write() && !mayWritePacket()) {
                    throw Env.refuse(RefusalKind.READ_ONLY, "cannot write into packet");
                }
                bounds.packet(access.regno(), reg, off, size, false);
                unknown(access);
                yield Region.PACKET;
            }
            case FLOW_KEYS -> {
                if (off < 0 || off + size > FLOW_KEYS_SIZE) {
                    throw Env.refuse(
                            RefusalKind.MEMORY_BOUNDS,
                            "invalid access to flow keys off=" + off + " size=" + size);
                }
                unknown(access);
                yield null;
            }
            case SOCKET, SOCK_COMMON, TCP_SOCK -> {
                if (access.write()) {
                    throw Env.refuse(
                            RefusalKind.READ_ONLY,
                            name + " cannot write into " + Log.typeName(reg));
                }
                SocketFields.check(access.regno(), reg, off, size);
                unknown(access);
                yield null;
            }
            case TP_BUFFER, BUF -> {
                if (access.write() && reg.has(Reg.RDONLY)) {
                    throw Env.refuse(
                            RefusalKind.READ_ONLY,
                            name + " cannot write into " + Log.typeName(reg));
                }
                bounds.buffer(access.regno(), reg, off, size);
                unknown(access);
                yield null;
            }
            case BTF -> {
                walk.access(access, reg, off);
                yield null;
            }
            case ARENA -> {
                unknown(access);
                yield null;
            }
            case MAP_PTR -> {
                walk.map(access, reg, off);
                yield null;
            }
            default -> throw invalid(access, reg);
        };
    }

    private static Refusal invalid(Access access, Reg reg) {
        RefusalKind kind =
                reg.has(Reg.NULL)
                        ? RefusalKind.MAYBE_NULL
                        : reg.isNull() ? RefusalKind.NULL_ACCESS : RefusalKind.INVALID_POINTER;
        return Env.refuse(
                kind, "R" + access.regno() + " invalid mem access '" + Log.typeName(reg) + "'");
    }

    private void unknown(Access access) {
        if (access.reads()) {
            env.reg(access.value()).setUnknown();
        }
    }

    // ---- alignment, offsets

    void checkAlignment(Reg reg, int off, int size, boolean strict) {
        boolean check = strict || reg.type == RegType.STACK;
        if (!check || size == 1 || reg.type == RegType.ARENA) {
            return;
        }
        Tnum place = reg.bits.add(Tnum.constant((long) reg.off + off));
        if (!place.isAligned(size)) {
            String what =
                    switch (reg.type) {
                        case STACK -> "stack ";
                        case MAP_VALUE -> "value ";
                        case MAP_KEY -> "key ";
                        case CTX -> "context ";
                        case FLOW_KEYS -> "flow keys ";
                        case SOCKET -> "sock ";
                        case SOCK_COMMON -> "sock_common ";
                        case TCP_SOCK -> "tcp_sock ";
                        default -> "";
                    };
            throw Env.refuse(
                    RefusalKind.ALIGNMENT,
                    "misaligned "
                            + what
                            + "access off "
                            + reg.bits
                            + "+"
                            + reg.off
                            + "+"
                            + off
                            + " size "
                            + size);
        }
    }

    void checkNoOffset(Reg reg, int regno) {
        if (reg.off < 0) {
            throw Env.refuse(
                    RefusalKind.POINTER_ARITHMETIC,
                    "negative offset "
                            + Log.typeName(reg)
                            + " ptr R"
                            + regno
                            + " off="
                            + reg.off
                            + " disallowed");
        }
        if (reg.off != 0) {
            throw Env.refuse(
                    RefusalKind.POINTER_ARITHMETIC,
                    "dereference of modified "
                            + Log.typeName(reg)
                            + " ptr R"
                            + regno
                            + " off="
                            + reg.off
                            + " disallowed");
        }
        if (!reg.isConst() || reg.bits.value() != 0) {
            throw Env.refuse(
                    RefusalKind.POINTER_ARITHMETIC,
                    "variable "
                            + Log.typeName(reg)
                            + " access var_off="
                            + reg.bits
                            + " disallowed");
        }
    }

    // ---- packets

    boolean mayWritePacket() {
        return switch (env.type) {
            case SCHED_CLS, SCHED_ACT, XDP, LWT_XMIT, SK_SKB, SK_MSG -> true;
            case CGROUP_SOCKOPT -> true;
            default -> false;
        };
    }

    boolean mayReadPacketInHelper() {
        return switch (env.type) {
            case SCHED_CLS,
                    SCHED_ACT,
                    XDP,
                    LWT_XMIT,
                    SK_SKB,
                    SK_MSG,
                    LWT_IN,
                    LWT_OUT,
                    LWT_SEG6LOCAL,
                    CGROUP_SKB,
                    SK_REUSEPORT,
                    FLOW_DISSECTOR,
                    CGROUP_SOCKOPT,
                    SOCK_OPS ->
                    true;
            default -> false;
        };
    }

    // ---- map values

    private void mapValue(Access access, Reg reg, int off) {
        mapRights(access.regno(), reg, off, access.size(), access.write());
        mapAccess(access.regno(), reg, off, access.size(), false, true);
        SpecialField field = reg.isConst() ? reg.map.fieldAt(off + reg.bits.value()) : null;
        if (field != null && field.kind().isKptr()) {
            kptrs.access(access, field);
            return;
        }
        if (!access.reads()) {
            return;
        }
        byte[] constants = reg.map.constants();
        long at = off + reg.bits.value();
        if (constants != null && reg.isConst() && at + access.size() <= constants.length) {
            long value = read(constants, (int) at, access.size());
            int shift = 64 - 8 * access.size();
            env.reg(access.value()).setKnown(access.signed() ? value << shift >> shift : value);
            return;
        }
        unknown(access);
    }

    private long read(byte[] bytes, int at, int size) {
        long value = 0;
        boolean little = env.object.order() == ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; i < size; i++) {
            int shift = 8 * (little ? i : size - 1 - i);
            value |= (bytes[at + i] & 0xffL) << shift;
        }
        return value;
    }

    void mapRights(int regno, Reg reg, int off, int size, boolean write) {
        if (write ? !reg.map.mayWrite() : !reg.map.mayRead()) {
            throw Env.refuse(
                    RefusalKind.READ_ONLY,
                    (write ? "write into" : "read from")
                            + " map forbidden, value_size="
                            + reg.map.valueSize()
                            + " off="
                            + (reg.smin + off)
                            + " size="
                            + size
                            + " (R"
                            + regno
                            + ")");
        }
    }

    void mapAccess(int regno, Reg reg, int off, int size, boolean zeroAllowed, boolean direct) {
        bounds.region(regno, reg, off, size, reg.map.valueSize(), zeroAllowed);
        for (SpecialField field : reg.map.fields) {
            if (reg.smin + off >= field.end() || reg.umax + off + size <= field.offset()) {
                continue;
            }
            if (!field.kind().isKptr()) {
                throw Env.refuse(
                        RefusalKind.MAP_VALUE_BOUNDS,
                        field.kind().text() + " cannot be accessed directly by load/store");
            }
            if (!direct) {
                throw Env.refuse(
                        RefusalKind.MAP_VALUE_BOUNDS,
                        field.kind().text() + " cannot be accessed indirectly by helper");
            }
            if (!reg.isConst()) {
                throw Env.refuse(
                        RefusalKind.MAP_VALUE_BOUNDS, "kptr access cannot have variable offset");
            }
            if (field.offset() != off + reg.bits.value()) {
                throw Env.refuse(
                        RefusalKind.MAP_VALUE_BOUNDS,
                        "kptr access misaligned expected="
                                + field.offset()
                                + " off="
                                + (off + reg.bits.value()));
            }
            if (size != 8) {
                throw Env.refuse(RefusalKind.MAP_VALUE_BOUNDS, "kptr access size must be BPF_DW");
            }
        }
    }
}
