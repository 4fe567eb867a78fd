package org.trufflebpf.relo;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.object.ExternRef;

import java.util.function.Predicate;

/**
 * Binds {@code __ksym} references. A kernel function is named for the stage that knows which exist
 * here; a kernel variable is known by its BTF id in the target. What is weak and unknown is 0 as an
 * address and poison as a call.
 */
final class KsymBinder {
    /** {@code BPF_PSEUDO_BTF_ID}: lddw of the address of a kernel variable or function. */
    private static final int PSEUDO_BTF_ID = 3;

    private final Btf local;
    private final TargetBtf targetBtf;
    private final Predicate<String> known;

    KsymBinder(Btf local, TargetBtf targetBtf, Predicate<String> known) {
        this.local = local;
        this.targetBtf = targetBtf;
        this.known = known;
    }

    /**
     * What became of a reference.
     *
     * @param insn the bound instruction
     * @param poison why it must not be reached, or {@code null}
     * @param kfunc the function it calls, or {@code null}
     */
    record Outcome(Insn insn, String poison, String kfunc) {}

    Outcome bind(Insn insn, ExternRef extern, Where where) {
        boolean call = insn.opcode().kind() != Opcode.Kind.LDDW;
        if (call && !extern.function()) {
            throw BpfException.malformed(
                    where, "call to '" + extern.name() + "', which is a variable");
        }
        return extern.function() ? function(insn, extern, call, where) : variable(insn, extern);
    }

    private Outcome function(Insn insn, ExternRef extern, boolean call, Where where) {
        String name = Btf.essentialName(extern.name());
        Btf target = targetBtf.get();
        int id = target == null ? 0 : target.find(name, BtfKind.FUNC);
        boolean exists = known == null ? id != 0 : known.test(name);
        if (id != 0 && !fits(extern, target, id)) {
            if (!extern.weak()) {
                throw BpfException.unresolved(
                        where,
                        "extern (func ksym) '"
                                + extern.name()
                                + "': func_proto incompatible with that of the kernel ["
                                + id
                                + "]");
            }
            exists = false;
        }
        if (call) {
            if (extern.weak() && !exists) {
                return new Outcome(
                        insn,
                        "kfunc '" + extern.name() + "' is referenced but wasn't resolved",
                        null);
            }
            return new Outcome(insn.withImm(id, 0), null, name);
        }
        if (exists) {
            return new Outcome(address(insn, id), null, null);
        }
        return extern.weak()
                ? new Outcome(insn.withImm(0, 0), null, null)
                : new Outcome(
                        insn,
                        "extern (func ksym) '" + extern.name() + "': not found in kernel BTF",
                        null);
    }

    private boolean fits(ExternRef extern, Btf target, int id) {
        return local == null
                || !(local.type(extern.typeId()) instanceof BtfType.Func wanted)
                || !(target.type(id) instanceof BtfType.Func found)
                || new CoreMatcher(local, target).compatible(wanted.proto(), found.proto());
    }

    private Outcome variable(Insn insn, ExternRef extern) {
        if (local != null
                && local.type(extern.typeId()) instanceof BtfType.Var wanted
                && local.resolve(wanted.type()).kind() != BtfKind.UNKN) {
            Btf target = targetBtf.get();
            int id = target == null ? 0 : target.find(extern.name(), BtfKind.VAR);
            if (id != 0 && target.type(id) instanceof BtfType.Var found) {
                int wantedType = local.skipModifiers(wanted.type());
                int foundType = target.skipModifiers(found.type());
                if (new CoreMatcher(local, target).compatible(wantedType, foundType)) {
                    return new Outcome(address(insn, id), null, null);
                }
                String message =
                        "extern (var ksym) '"
                                + extern.name()
                                + "': incompatible types, expected "
                                + describe(local, wantedType)
                                + ", but kernel has "
                                + describe(target, foundType);
                return new Outcome(insn, message, null);
            }
        }
        return extern.weak()
                ? new Outcome(insn.withImm(0, 0), null, null)
                : new Outcome(
                        insn,
                        "extern (var ksym) '" + extern.name() + "': not found in kernel BTF",
                        null);
    }

    private static String describe(Btf btf, int id) {
        return "[" + id + "] " + btf.kind(id).label() + " " + btf.name(id);
    }

    private static Insn address(Insn insn, int id) {
        return new Insn(insn.index(), Opcode.LDDW, insn.dst(), PSEUDO_BTF_ID, 0, id, 0);
    }
}
