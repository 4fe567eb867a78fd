package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;

import java.util.ArrayDeque;
import java.util.Deque;

/** Holds the stack of every chain of calls to its limit (kernel: {@code check_max_stack_depth}). */
final class StackDepth {
    private static final int WITH_TAIL_CALLS = 256;

    private final Env env;
    private final boolean apart;

    StackDepth(Env env) {
        this.env = env;
        // these types give each function a stack of its own
        this.apart =
                switch (env.type) {
                    case KPROBE, TRACEPOINT, PERF_EVENT, RAW_TRACEPOINT -> true;
                    default -> false;
                };
    }

    void check() {
        walk(env.layout.subprogs.getFirst(), 0, new ArrayDeque<>());
        for (Layout.Subprog subprog : env.layout.subprogs) {
            if (subprog.isAsync || subprog == env.layout.exceptionCallback) {
                walk(subprog, 0, new ArrayDeque<>());
            }
        }
    }

    private static int round(int depth) {
        return (depth + 15) & ~15;
    }

    private void walk(Layout.Subprog subprog, int depth, Deque<Integer> callers) {
        if (callers.contains(subprog.index)) {
            env.insn = subprog.start;
            throw Env.refuse(RefusalKind.CALL, "recursive call to " + subprog.name + "()");
        }
        if (callers.size() >= State.MAX_FRAMES) {
            env.insn = subprog.start;
            throw Env.refuse(
                    RefusalKind.CALL,
                    "the call stack of " + (callers.size() + 1) + " frames is too deep !");
        }
        if (!callers.isEmpty() && subprog.tailCalls && depth >= WITH_TAIL_CALLS) {
            env.insn = subprog.start;
            throw Env.refuse(
                    RefusalKind.STACK_BOUNDS,
                    "tail_calls are not allowed when call stack of previous frames is "
                            + depth
                            + " bytes. Too large");
        }
        int here = apart ? round(subprog.stackDepth) : depth + round(subprog.stackDepth);
        callers.push(subprog.index);
        if (here > Env.STACK_SIZE) {
            env.insn = subprog.start;
            throw Env.refuse(
                    RefusalKind.STACK_BOUNDS,
                    "combined stack size of "
                            + callers.size()
                            + " calls is "
                            + here
                            + ". Too large");
        }
        for (int i = subprog.start; i < subprog.end; i++) {
            Insn insn = env.code[i];
            if (insn == null) {
                continue;
            }
            if (env.layout.isThrow(insn)) {
                refuseThrowInCallback(subprog, insn.index(), callers);
            }
            boolean calls =
                    insn.opcode().kind() == Kind.CALL_SUBPROG || Layout.isFunctionAddress(insn);
            if (calls) {
                Layout.Subprog callee = env.layout.at(Layout.callTarget(insn));
                if (callee == env.layout.exceptionCallback) {
                    env.insn = insn.index();
                    throw Env.refuse(
                            RefusalKind.CALLBACK,
                            "insn " + insn.index() + " cannot call exception cb directly");
                }
                if (!callee.isAsync) {
                    walk(callee, here, callers);
                }
            }
        }
        callers.pop();
    }

    private void refuseThrowInCallback(Layout.Subprog subprog, int insn, Deque<Integer> callers) {
        for (int index : callers) {
            if (env.layout.subprogs.get(index).isCallback) {
                env.insn = insn;
                throw Env.refuse(
                        RefusalKind.CALLBACK,
                        "bpf_throw kfunc (insn "
                                + insn
                                + ") cannot be called from callback subprog "
                                + subprog.index);
            }
        }
    }
}
