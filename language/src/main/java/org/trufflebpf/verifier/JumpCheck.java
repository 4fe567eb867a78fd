package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Jump;
import org.trufflebpf.insn.Opcode.Operand;

import java.util.List;

/** Conditional jumps (kernel: {@code check_cond_jmp_op}). */
final class JumpCheck {
    static final int MAX_PACKET_OFF = 0xffff;

    private final Env env;
    private final Pruning pruning;

    JumpCheck(Env env, Pruning pruning) {
        this.env = env;
        this.pruning = pruning;
    }

    /** Walks on behind the jump and leaves the target for later; gives the next instruction. */
    int mayGoto(Insn insn) {
        State later = env.push(insn.next(), env.insn);
        later.mayGotoDepth++;
        State old = pruning.previousAt(env.state.parent.parent, env.insn);
        if (old != null) {
            pruning.widen(old, later);
        }
        return insn.target();
    }

    /** The next instruction. */
    int check(Insn insn) {
        Jump op = (Jump) insn.opcode().operation();
        boolean narrow = insn.opcode().bits() == 32;
        boolean fromReg = insn.opcode().operand() == Operand.REG;
        Reg dst = env.read(insn.dst());
        Reg src;
        if (fromReg) {
            src = env.read(insn.src());
        } else {
            src = new Reg();
            src.setKnown(insn.imm());
        }
        noteStackPointers(dst, src, fromReg);
        int taken = taken(op, narrow, dst, src);
        if (taken >= 0) {
            if (dst.isScalar()) {
                env.precision.mark(insn.dst());
            }
            if (fromReg && src.isScalar()) {
                env.precision.mark(insn.src());
            }
            env.proofs.goes(insn.index(), taken == 1);
            return taken == 1 ? insn.target() : insn.next();
        }
        env.proofs.goes(insn.index(), true);
        env.proofs.goes(insn.index(), false);
        List<Integer> linked = env.links.of(dst, fromReg ? src : null);
        if (linked.size() > 1) {
            env.history().linked = linked.stream().mapToInt(Integer::intValue).toArray();
        }
        State other = env.push(insn.target(), env.insn);
        Reg otherDst = other.reg(insn.dst());
        Reg otherSrc = fromReg ? other.reg(insn.src()) : new Reg(src);
        if (dst.isScalar() && src.isScalar()) {
            Conditions.refine(op, true, narrow, otherDst, otherSrc);
            Conditions.refine(op, false, narrow, dst, src);
        }
        if (fromReg && src.isScalar() && src.id != 0) {
            ScalarLinks.sync(env.state, src, linked);
            ScalarLinks.sync(other, otherSrc, linked);
        }
        if (dst.isScalar() && dst.id != 0) {
            ScalarLinks.sync(env.state, dst, linked);
            ScalarLinks.sync(other, otherDst, linked);
        }
        if (!narrow) {
            learnAboutPointers(insn, op, fromReg, dst, src, other);
        }
        return insn.next();
    }

    private void noteStackPointers(Reg dst, Reg src, boolean fromReg) {
        boolean dstIsStack = dst.type == RegType.STACK;
        boolean srcIsStack = fromReg && src.type == RegType.STACK;
        if (dstIsStack || srcIsStack) {
            HistoryEntry entry = env.history();
            entry.dstIsStack |= dstIsStack;
            entry.srcIsStack |= srcIsStack;
        }
    }

    // ---- which way

    private int taken(Jump op, boolean narrow, Reg dst, Reg src) {
        if (isPacketPointer(dst) && isPacketPointer(src) && !narrow) {
            return takenPacket(op, dst, src);
        }
        Jump condition = op;
        Reg a = dst;
        Reg b = src;
        if (!(b.isScalar() && b.isConst(narrow))) {
            condition = Conditions.swap(op);
            a = src;
            b = dst;
        }
        if (a.isPointer()) {
            if (!b.isScalar() || !b.isConst(narrow) || !notNull(a) || b.constant(narrow) != 0) {
                return -1;
            }
            return switch (condition) {
                case JEQ -> 0;
                case JNE -> 1;
                default -> -1;
            };
        }
        if (!b.isScalar()) {
            return -1;
        }
        return Conditions.taken(condition, narrow, a, b);
    }

    private static boolean isPacketPointer(Reg reg) {
        return reg.type.isPacket() || reg.type == RegType.PACKET_END;
    }

    private static boolean notNull(Reg reg) {
        if (reg.has(Reg.NULL)) {
            return false;
        }
        return switch (reg.type) {
            case SOCKET, TCP_SOCK, SOCK_COMMON, MAP_VALUE, MAP_KEY, MAP_PTR -> true;
            case BTF -> reg.isTrusted();
            case MEM -> !reg.has(Reg.UNTRUSTED);
            default -> false;
        };
    }

    private static int takenPacket(Jump op, Reg dst, Reg src) {
        Reg packet;
        Jump condition = op;
        if (src.type == RegType.PACKET_END) {
            packet = dst;
        } else if (dst.type == RegType.PACKET_END) {
            packet = src;
            condition = Conditions.swap(op);
        } else {
            return -1;
        }
        if (packet.range >= 0) {
            return -1;
        }
        return switch (condition) {
            case JLE, JGT -> packet.range == Reg.BEYOND_END ? (condition == Jump.JGT ? 1 : 0) : -1;
            case JLT, JGE -> condition == Jump.JGE ? 1 : 0;
            default -> -1;
        };
    }

    // ---- pointers

    private void learnAboutPointers(
            Insn insn, Jump op, boolean fromReg, Reg dst, Reg src, State other) {
        if (fromReg
                && dst.isPointer()
                && src.isPointer()
                && dst.has(Reg.NULL) != src.has(Reg.NULL)
                && dst.type != RegType.BTF
                && src.type != RegType.BTF) {
            State equal = op == Jump.JEQ ? other : op == Jump.JNE ? env.state : null;
            if (equal != null) {
                notNull(equal.reg(src.has(Reg.NULL) ? insn.src() : insn.dst()), false);
            }
        }
        if (!fromReg
                && insn.imm() == 0
                && (op == Jump.JEQ || op == Jump.JNE)
                && dst.has(Reg.NULL)) {
            nullOrNot(env.state, insn.dst(), op == Jump.JNE);
            nullOrNot(other, insn.dst(), op == Jump.JEQ);
        } else if (fromReg) {
            matchPacket(op, insn, dst, src, other);
        }
    }

    private void nullOrNot(State state, int regno, boolean isNull) {
        Reg tested = state.reg(regno);
        int id = tested.id;
        int refId = tested.refId;
        if (refId != 0 && refId == id && isNull) {
            env.releaseWithoutMark(state, id);
        }
        state.forEachReg(
                reg -> {
                    if (!reg.has(Reg.NULL) || reg.id != id || reg.type == RegType.SCALAR) {
                        return;
                    }
                    if (isNull) {
                        reg.setKnown(0);
                    } else {
                        notNull(reg, true);
                    }
                });
    }

    static void notNull(Reg reg, boolean dropId) {
        reg.flags &= ~Reg.NULL;
        if (reg.type == RegType.MAP_VALUE) {
            MapFacts map = reg.map;
            if (map.inner != null) {
                int uid = reg.id;
                reg.type = RegType.MAP_PTR;
                reg.map = map.inner;
                reg.mapUid =
                        map.inner.field(SpecialField.Kind.TIMER) != null
                                        || map.inner.field(SpecialField.Kind.WORKQUEUE) != null
                                ? uid
                                : 0;
            } else if (map.type() == org.trufflebpf.uapi.MapType.SOCKMAP
                    || map.type() == org.trufflebpf.uapi.MapType.SOCKHASH) {
                reg.type = RegType.SOCKET;
            }
        }
        if (dropId && !mayHoldLock(reg)) {
            reg.id = 0;
        }
    }

    static boolean mayHoldLock(Reg reg) {
        return (reg.type == RegType.MAP_VALUE
                        && (reg.map.field(SpecialField.Kind.SPIN_LOCK) != null
                                || reg.map.field(SpecialField.Kind.RES_SPIN_LOCK) != null))
                || (reg.type == RegType.BTF && reg.has(Reg.ALLOC));
    }

    private void matchPacket(Jump op, Insn insn, Reg dst, Reg src, State other) {
        boolean first = isCompared(dst, src);
        boolean second = !first && isCompared(src, dst);
        if (!first && !second) {
            return;
        }
        Jump condition = first ? op : Conditions.swap(op);
        int regno = first ? insn.dst() : insn.src();
        Reg packet = new Reg(first ? dst : src);
        State here = env.state;
        switch (condition) {
            case JGT -> {
                found(here, packet, false);
                mark(other, regno, true);
            }
            case JLT -> {
                found(other, packet, true);
                mark(here, regno, false);
            }
            case JGE -> {
                found(here, packet, true);
                mark(other, regno, false);
            }
            case JLE -> {
                found(other, packet, false);
                mark(here, regno, true);
            }
            default -> {}
        }
    }

    private static boolean isCompared(Reg packet, Reg end) {
        return (packet.type == RegType.PACKET && end.type == RegType.PACKET_END)
                || (packet.type == RegType.PACKET_META
                        && end.type == RegType.PACKET
                        && end.off == 0
                        && end.isZero());
    }

    /** Bytes in front of the pointer are known to be there (one more if it is below the end). */
    private static void found(State state, Reg packet, boolean open) {
        if (packet.off < 0 || (packet.off == 0 && open)) {
            return;
        }
        if (Long.compareUnsigned(packet.umax, MAX_PACKET_OFF) > 0
                || packet.umax + packet.off > MAX_PACKET_OFF) {
            return;
        }
        int range = open ? packet.off + 1 : packet.off;
        state.forEachReg(
                reg -> {
                    if (reg.type == packet.type && reg.id == packet.id && reg.range >= 0) {
                        reg.range = Math.max(reg.range, range);
                    } else if (reg.type == packet.type && reg.id == packet.id) {
                        reg.range = range;
                    }
                });
    }

    private static void mark(State state, int regno, boolean beyond) {
        Reg reg = state.reg(regno);
        if (reg.type == RegType.PACKET) {
            reg.range = beyond ? Reg.BEYOND_END : Reg.AT_END;
        }
    }
}
