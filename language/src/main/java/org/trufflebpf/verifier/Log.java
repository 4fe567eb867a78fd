package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.LineInfo;

/** The walk as text, in the style of the kernel's log. Costs nothing at level 0. */
final class Log {
    private final Env env;
    private final int level;
    private final int limit;
    private final StringBuilder text = new StringBuilder();
    private Frame before;
    private LineInfo lastLine;
    private boolean cut;

    Log(Env env, VerifierOptions options) {
        this.env = env;
        this.level = options.logLevel();
        this.limit = options.maxLog();
    }

    boolean isOn() {
        return level > 0;
    }

    boolean isDetailed() {
        return level > 1;
    }

    int length() {
        return text.length();
    }

    /** At level 1 what was said of a path that went well is dropped when another one is taken. */
    void rewind(int length) {
        if (level == 1 && length < text.length()) {
            text.setLength(length);
        }
    }

    void line(String line) {
        if (level == 0 || cut) {
            return;
        }
        if (text.length() + line.length() > limit) {
            cut = true;
            text.append("(the log is cut here)\n");
            return;
        }
        text.append(line).append('\n');
    }

    /** The last line is always there, whatever the level. */
    String finish(String last) {
        if (last != null) {
            text.append(last).append('\n');
        }
        return text.toString();
    }

    /** Where a function begins. */
    void start() {
        if (level > 0) {
            line(env.insn + ":" + state(env.state));
        }
    }

    void beginStep(boolean showAll) {
        if (level == 0) {
            return;
        }
        if (showAll && level > 1) {
            line(env.insn + ":" + state(env.state));
        }
        LineInfo at = env.spec.line(env.insn);
        if (at != null && !at.equals(lastLine)) {
            lastLine = at;
            String file = at.file().substring(at.file().lastIndexOf('/') + 1);
            line("; " + at.line().strip() + " @ " + file + ":" + at.lineNumber());
        }
        before = new Frame(env.state.frame());
    }

    void endStep(Insn insn) {
        if (level == 0) {
            return;
        }
        StringBuilder step = new StringBuilder();
        step.append(insn.index()).append(": (");
        String code = Integer.toHexString(insn.opcode().code());
        step.append(code.length() < 2 ? "0" : "").append(code).append(") ").append(insn);
        StringBuilder changes = new StringBuilder();
        Frame now = env.state.frame();
        if (before != null && before.frameno == now.frameno) {
            for (int i = 0; i < Frame.FP; i++) {
                String after = reg(now, now.regs[i]);
                if (now.regs[i].type != RegType.NOT_INIT
                        && !after.equals(reg(before, before.regs[i]))) {
                    changes.append(" R").append(i).append('=').append(after);
                }
            }
            for (int i = 0; i < now.slots.size(); i++) {
                String after = slot(now, now.slots.get(i));
                String was = i < before.slots.size() ? slot(before, before.slots.get(i)) : "";
                if (!after.isEmpty() && !after.equals(was)) {
                    changes.append(" fp-").append(8 * (i + 1)).append('=').append(after);
                }
            }
        }
        if (!changes.isEmpty()) {
            while (step.length() < 40) {
                step.append(' ');
            }
            step.append(';').append(changes);
        }
        line(step.toString());
    }

    /** Where another path begins. */
    void from(int previous, int insn) {
        if (level > 0) {
            lastLine = null;
            line("");
            line("from " + previous + " to " + insn + ":" + state(env.state));
        }
    }

    static String typeName(Reg reg) {
        StringBuilder name = new StringBuilder();
        if (reg.has(Reg.RDONLY)) {
            name.append("rdonly_");
        }
        if (reg.has(Reg.RINGBUF)) {
            name.append("ringbuf_");
        }
        if (reg.has(Reg.USER)) {
            name.append("user_");
        }
        if (reg.has(Reg.PERCPU)) {
            name.append("percpu_");
        }
        if (reg.has(Reg.UNTRUSTED)) {
            name.append("untrusted_");
        }
        if (reg.has(Reg.TRUSTED)) {
            name.append("trusted_");
        }
        if (reg.has(Reg.RCU)) {
            name.append("rcu_");
        }
        if (reg.has(Reg.ALLOC)) {
            name.append("alloc_");
        }
        name.append(reg.type.text());
        if (reg.has(Reg.NULL)) {
            name.append(reg.type == RegType.BTF ? "or_null_" : "_or_null");
        }
        return name.toString();
    }

    String state(State state) {
        StringBuilder out = new StringBuilder();
        Frame frame = state.frame();
        if (frame.frameno > 0) {
            out.append(" frame").append(frame.frameno).append(':');
        }
        for (int i = 0; i <= Frame.FP; i++) {
            if (frame.regs[i].type != RegType.NOT_INIT) {
                out.append(" R").append(i).append('=').append(reg(frame, frame.regs[i]));
            }
        }
        for (int i = 0; i < frame.slots.size(); i++) {
            String slot = slot(frame, frame.slots.get(i));
            if (!slot.isEmpty()) {
                out.append(" fp-").append(8 * (i + 1)).append('=').append(slot);
            }
        }
        if (!state.refs.isEmpty()) {
            out.append(" refs=");
            for (int i = 0; i < state.refs.size(); i++) {
                out.append(i > 0 ? "," : "").append(state.refs.get(i).id());
            }
        }
        return out.toString();
    }

    private static String slot(Frame frame, StackSlot slot) {
        if (slot.isInvalid()) {
            return "";
        }
        if (slot.is(StackSlot.DYNPTR)) {
            return "dynptr_" + slot.spilled.dynptr.name().toLowerCase(java.util.Locale.ROOT);
        }
        if (slot.is(StackSlot.ITER)) {
            Reg iter = slot.spilled;
            return "iter_"
                    + iter.iter
                    + "(ref_id="
                    + iter.refId
                    + ",state="
                    + (iter.iterDrained ? "drained" : "active")
                    + ",depth="
                    + iter.iterDepth
                    + ")";
        }
        if (slot.isSpill()) {
            String bytes = slot.isWholeSpill() ? "" : slot.letters().replace("r", "");
            return bytes + reg(frame, slot.spilled);
        }
        return slot.letters();
    }

    /** A register as the kernel prints it. */
    static String reg(Frame frame, Reg reg) {
        StringBuilder out = new StringBuilder();
        if (reg.isScalar() && reg.precise) {
            out.append('P');
        }
        if (reg.isScalar() && reg.isConst()) {
            return out.append(signed(reg.bits.value())).toString();
        }
        out.append(typeName(reg));
        if (reg.type == RegType.ARENA) {
            return out.toString();
        }
        if (reg.type == RegType.STACK) {
            if (frame.frameno != reg.frameno) {
                out.append('[').append(reg.frameno).append(']');
            }
            if (reg.isConst()) {
                return out.append(signed(reg.bits.value() + reg.off)).toString();
            }
        }
        if (reg.type == RegType.BTF) {
            out.append(structName(reg.btf, reg.btfId));
        }
        StringBuilder parts = new StringBuilder();
        if (reg.id != 0) {
            parts.append("id=").append(reg.id & ~Reg.ADD_CONST);
            if ((reg.id & Reg.ADD_CONST) != 0) {
                parts.append('+').append(reg.off);
            }
        }
        if (reg.refId != 0) {
            part(parts, "ref_obj_id=" + reg.refId);
        }
        if (reg.has(Reg.NON_OWN)) {
            part(parts, "non_own_ref");
        }
        if (reg.map != null) {
            part(
                    parts,
                    "map="
                            + reg.map.name()
                            + ",ks="
                            + reg.map.keySize()
                            + ",vs="
                            + reg.map.valueSize());
        }
        if (!reg.isScalar() && reg.off != 0) {
            part(parts, "off=" + signed(reg.off));
        }
        if (reg.type.isPacket()) {
            part(parts, "r=" + reg.range);
        }
        if (reg.type == RegType.MEM) {
            part(parts, "sz=" + Integer.toUnsignedString(reg.memSize));
        }
        if (reg.isConst()) {
            if (reg.bits.value() != 0) {
                part(parts, "imm=" + signed(reg.bits.value()));
            }
        } else {
            ranges(parts, reg);
            if (!reg.bits.isUnknown()) {
                part(parts, "var_off=" + reg.bits);
            }
        }
        return out.append('(').append(parts).append(')').toString();
    }

    static String structName(Btf btf, int id) {
        return btf == null ? "" : btf.name(id);
    }

    private static void part(StringBuilder parts, String part) {
        parts.append(parts.isEmpty() ? "" : ",").append(part);
    }

    /** The bounds that say something; equal ones stand together: {@code smin=umin=1}. */
    static void ranges(StringBuilder parts, Scalar reg) {
        String[] names = {"smin", "smax", "umin", "umax", "smin32", "smax32", "umin32", "umax32"};
        long[] values = {
            reg.smin,
            reg.smax,
            reg.umin,
            reg.umax,
            reg.s32min,
            reg.s32max,
            reg.u32min & 0xffff_ffffL,
            reg.u32max & 0xffff_ffffL
        };
        boolean[] done = {
            reg.smin == Long.MIN_VALUE,
            reg.smax == Long.MAX_VALUE,
            reg.umin == 0,
            reg.umax == -1,
            reg.s32min == Integer.MIN_VALUE,
            reg.s32max == Integer.MAX_VALUE,
            reg.u32min == 0,
            reg.u32max == -1
        };
        for (int i = 0; i < names.length; i++) {
            if (done[i]) {
                continue;
            }
            StringBuilder group = new StringBuilder(names[i]);
            boolean negative = names[i].charAt(0) == 's' && values[i] < 0;
            for (int j = i + 1; j < names.length; j++) {
                boolean otherNegative = names[j].charAt(0) == 's' && values[j] < 0;
                if (!done[j] && values[j] == values[i] && negative == otherNegative) {
                    done[j] = true;
                    group.append('=').append(names[j]);
                }
            }
            group.append('=')
                    .append(names[i].charAt(0) == 's' ? signed(values[i]) : unsigned(values[i]));
            part(parts, group.toString());
        }
    }

    static String signed(long value) {
        return value >= Short.MIN_VALUE && value <= Short.MAX_VALUE
                ? Long.toString(value)
                : "0x" + Long.toHexString(value);
    }

    private static String unsigned(long value) {
        return value >= 0 && value <= 0xffff
                ? Long.toString(value)
                : "0x" + Long.toHexString(value);
    }
}
