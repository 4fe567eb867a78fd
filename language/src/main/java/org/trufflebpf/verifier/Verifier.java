package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.HelperRow.Effect;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.object.ExceptionCallback;
import org.trufflebpf.object.LineInfo;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.uapi.ProgramType;

import java.util.List;
import java.util.function.BiConsumer;

/**
 * Judges programs: the way into this package. Nothing is known but what is passed in, so that the
 * verdict is the same on every machine.
 */
public final class Verifier {
    private Verifier() {}

    /** Verifies a program with the default options. */
    public static Verdict verify(VerifierInput input) {
        return verify(input, VerifierOptions.DEFAULT);
    }

    /** Verifies a program. Never throws for a program that is refused. */
    public static Verdict verify(VerifierInput input, VerifierOptions options) {
        return verify(input, options, null);
    }

    /** Shows every state to an observer, and walks all paths to their ends for that. */
    static Verdict verify(
            VerifierInput input, VerifierOptions options, BiConsumer<Integer, State> observer) {
        long start = System.nanoTime();
        ProgramSpec spec = input.program().spec();
        Where where = new Where(input.object().name(), spec.section(), spec.name(), -1, null);
        if (input.program().insns().isEmpty()) {
            return refused(
                    where, null, new Refusal(RefusalKind.CONTROL_FLOW, "no instructions"), start);
        }
        Insn[] code = code(input.program());
        Env env = null;
        try {
            Layout layout = new Layout(code, spec, new Kinds(input.program(), code));
            summarize(layout);
            env = new Env(input, options, code, layout);
            env.insn = 0;
            env.observer = observer;
            checkType(env);
            findExceptionCallback(env);
            Walk walk = new Walk(env);
            walk.function(layout.subprogs.getFirst());
            walkGlobals(layout, walk);
            new StackDepth(env).check();
            // at level 1 only what led to a refusal is shown
            env.log.rewind(0);
            long time = System.nanoTime() - start;
            return new Verdict(
                    null,
                    where,
                    env.log.finish(options.logLevel() > 0 ? counts(env) : null),
                    env.steps,
                    env.states,
                    time,
                    env.proofs);
        } catch (Layout.At e) {
            return refused(
                    at(where, spec, e.insn()), env, new Refusal(e.kind(), e.getMessage()), start);
        } catch (Refusal e) {
            env.log.endStep(env.code[env.insn]);
            return refused(at(where, spec, env.insn), env, e, start);
        } catch (BpfException e) {
            return refused(
                    env == null ? where : at(where, spec, env.insn),
                    env,
                    new Refusal(RefusalKind.UNSUPPORTED, e.getMessage()),
                    start);
        }
    }

    /** What has to be known of a program before its first instruction is looked at. */
    private static void checkType(Env env) {
        switch (env.type) {
            case UNSPEC ->
                    throw new Refusal(
                            RefusalKind.UNSUPPORTED, "the program has no type; give it one");
            case EXT ->
                    throw new Refusal(
                            RefusalKind.UNSUPPORTED,
                            "an ext program is judged with the program that it extends",
                            "name this object with --replace beside the program's own, and it"
                                    + " is verified as a part of that");
            case STRUCT_OPS -> {
                if (!HelperTable.isGplCompatible(env.object.license())) {
                    throw new Refusal(
                            RefusalKind.HELPER,
                            "struct ops programs must have a GPL compatible license");
                }
                env.operation().check(env.spec.sleepable());
            }
            case TRACING, LSM -> {
                if (env.spec.attachTarget() == null) {
                    throw new Refusal(
                            RefusalKind.CONTEXT_ACCESS,
                            "Tracing programs must provide btf_id: the section names no target");
                }
                if (env.type == ProgramType.LSM) {
                    LsmHooks.check(env);
                }
            }
            default -> {}
        }
    }

    /**
     * A program may name a function that gets what {@code bpf_throw} is given (kernel: {@code
     * bpf_find_exception_callback_insn_off}).
     */
    private static void findExceptionCallback(Env env) {
        Btf btf = env.object.btf();
        List<String> names = ExceptionCallback.names(btf, env.layout.subprogs.getFirst().typeId);
        if (names.isEmpty()) {
            return;
        }
        if (names.size() > 1) {
            throw Env.refuse(
                    RefusalKind.CALLBACK, "multiple exception callback tags for main subprog");
        }
        String called = "exception callback '" + names.getFirst() + "'";
        Layout.Subprog found = null;
        for (Layout.Subprog subprog : env.layout.subprogs) {
            if (subprog.name.equals(names.getFirst()) && subprog.index != 0) {
                found = subprog;
            }
        }
        if (found == null) {
            throw Env.refuse(RefusalKind.CALLBACK, called + " could not be found in BTF");
        }
        if (!found.global) {
            throw Env.refuse(RefusalKind.CALLBACK, called + " must have global linkage");
        }
        BtfType.FuncProto proto = btf.proto(found.typeId);
        if (proto != null && proto.result() == 0) {
            throw Env.refuse(RefusalKind.CALLBACK, "exception cb cannot return void");
        }
        if (proto != null
                && (proto.params().size() != 1
                        || !btf.resolve(proto.params().getFirst().type()).isNumber())) {
            throw Env.refuse(
                    RefusalKind.CALLBACK, "exception cb only supports single integer argument");
        }
        found.called = true;
        found.isCallback = true;
        env.layout.exceptionCallback = found;
    }

    private static void walkGlobals(Layout layout, Walk walk) {
        boolean[] done = new boolean[layout.subprogs.size()];
        boolean again = true;
        while (again) {
            again = false;
            for (Layout.Subprog subprog : layout.subprogs) {
                if (subprog.global && subprog.called && !done[subprog.index]) {
                    done[subprog.index] = true;
                    again = true;
                    walk.function(subprog);
                }
            }
        }
    }

    private static Insn[] code(LoadedProgram program) {
        Insn[] code = new Insn[program.insns().getLast().next()];
        for (Insn insn : program.insns()) {
            code[insn.index()] = insn;
        }
        return code;
    }

    private static String counts(Env env) {
        return "processed "
                + env.steps
                + " insns (limit "
                + env.options.maxInsns()
                + ") total_states "
                + env.states;
    }

    private static Where at(Where where, ProgramSpec spec, int insn) {
        LineInfo line = spec.line(insn);
        return where.at(insn, line == null ? null : line.describe())
                .inProgram(spec.subprogs().isEmpty() ? spec.name() : spec.subprog(insn).name());
    }

    private static Verdict refused(Where where, Env env, Refusal refusal, long start) {
        Verdict.Reason reason =
                new Verdict.Reason(
                        refusal.kind(),
                        refusal.getMessage(),
                        env == null ? "" : insn(env, where),
                        env == null ? "" : Known.about(env),
                        refusal.advice());
        String explanation = where + ": " + reason.text();
        String log = explanation + "\n";
        if (env != null) {
            env.log.line(reason.message());
            env.log.line(counts(env));
            log = env.log.finish(explanation);
        }
        return new Verdict(
                reason,
                where,
                log,
                env == null ? 0 : env.steps,
                env == null ? 0 : env.states,
                System.nanoTime() - start,
                Proofs.NONE);
    }

    private static String insn(Env env, Where where) {
        int index = where.insn();
        boolean known = index >= 0 && index < env.code.length && env.code[index] != null;
        return known ? env.code[index].toString().replace('\t', ' ') : "";
    }

    /** Which functions may sleep or move the packet, through whatever they call. */
    private static void summarize(Layout layout) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Layout.Subprog subprog : layout.subprogs) {
                for (int i = subprog.start; i < subprog.end; i++) {
                    Insn insn = layout.code[i];
                    if (insn == null) {
                        continue;
                    }
                    boolean packet = false;
                    boolean sleeps = false;
                    if (insn.opcode().kind() == Kind.CALL_HELPER) {
                        HelperRow row = HelperTable.row(insn.imm());
                        packet = row != null && row.has(Effect.CHANGES_PACKET);
                        sleeps = row != null && row.has(Effect.MIGHT_SLEEP);
                    } else if (insn.opcode().kind() == Kind.CALL_SUBPROG
                            || Layout.isFunctionAddress(insn)) {
                        Layout.Subprog callee = layout.at(Layout.callTarget(insn));
                        packet = callee.changesPacket;
                        sleeps = callee.mightSleep;
                    }
                    if ((packet && !subprog.changesPacket) || (sleeps && !subprog.mightSleep)) {
                        subprog.changesPacket |= packet;
                        subprog.mightSleep |= sleeps;
                        changed = true;
                    }
                }
            }
        }
    }

    /** What the layout asks of calls. */
    private record Kinds(LoadedProgram program, Insn[] code) implements Layout.CallKinds {
        @Override
        public boolean isSyncCallback(Insn insn) {
            if (insn.opcode().kind() == Kind.CALL_KFUNC) {
                return essentialName(insn).equals("bpf_rbtree_add_impl");
            }
            if (insn.opcode().kind() != Kind.CALL_HELPER) {
                return false;
            }
            HelperRow row = HelperTable.row(insn.imm());
            return row != null
                    && row.has(Effect.CALLS_BACK)
                    && !row.name().equals("timer_set_callback");
        }

        @Override
        public boolean isIteratorNext(Insn insn) {
            String name = essentialName(insn);
            return name.startsWith("bpf_iter_") && name.endsWith("_next");
        }

        @Override
        public boolean isThrow(Insn insn) {
            return essentialName(insn).equals("bpf_throw");
        }

        /** The name of a kernel function without its flavour, empty for other instructions. */
        private String essentialName(Insn insn) {
            String name = program.kfuncs().get(insn.index());
            return name == null ? "" : name.replaceFirst("___.*", "");
        }
    }
}
