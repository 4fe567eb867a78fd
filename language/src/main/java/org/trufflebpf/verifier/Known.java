package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Operand;

/** What was known of the registers that the refused instruction uses, for a person. */
final class Known {
    private Known() {}

    static String about(Env env) {
        if (env.state == null || env.insn < 0 || env.insn >= env.code.length) {
            return "";
        }
        Insn insn = env.code[env.insn];
        if (insn == null || env.state.current < 0 || env.state.frames[env.state.current] == null) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        switch (insn.opcode().kind()) {
            case LDX, LDSX, LOAD_ACQUIRE -> add(text, env, insn.src());
            case ST -> add(text, env, insn.dst());
            case ALU, JCC, STX, STORE_RELEASE, ATOMIC -> {
                add(text, env, insn.dst());
                if (insn.opcode().operand() == Operand.REG) {
                    add(text, env, insn.src());
                }
            }
            case CALL_HELPER, CALL_KFUNC, CALL_SUBPROG -> {
                for (int i = 1; i <= Env.MAX_ARGS; i++) {
                    add(text, env, i);
                }
            }
            case EXIT -> add(text, env, 0);
            default -> {}
        }
        return text.toString();
    }

    private static void add(StringBuilder text, Env env, int regno) {
        Reg reg = env.state.reg(regno);
        if (reg.type == RegType.NOT_INIT) {
            return;
        }
        text.append(text.isEmpty() ? "" : " ")
                .append('R')
                .append(regno)
                .append('=')
                .append(Log.reg(env.state.frame(), reg));
    }
}
