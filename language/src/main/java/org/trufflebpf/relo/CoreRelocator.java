package org.trufflebpf.relo;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.CoreRelo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Resolves the CO-RE records of one program. All types of the target with the local type's name
 * (without flavors) and kind are candidates; those that hold the wanted place must agree on the
 * result.
 */
final class CoreRelocator {
    private final Btf local;
    private final TargetBtf targetBtf;
    private final Map<Integer, List<Integer>> candidates = new HashMap<>();

    CoreRelocator(Btf local, TargetBtf targetBtf) {
        this.local = local;
        this.targetBtf = targetBtf;
    }

    /** The patched instruction, or why it is poisoned. */
    record Outcome(Insn insn, String poison) {}

    Outcome relocate(Insn insn, CoreRelo relo, int number, Where where) {
        CoreKind kind = CoreKind.of(relo.kind());
        String head = "relo #" + number + ": ";
        if (kind == null) {
            throw BpfException.unsupported(
                    where, head + "unrecognized CO-RE relocation (" + relo.kind() + ")");
        }
        if (local == null || relo.typeId() < 0 || relo.typeId() >= local.typeCount()) {
            throw BpfException.malformed(
                    where,
                    head
                            + "BTF type "
                            + Integer.toUnsignedString(relo.typeId())
                            + " does not exist");
        }
        BtfType type = local.type(relo.typeId());
        CoreSpec spec = CoreSpec.parse(local, relo.typeId(), relo.access(), kind);
        if (spec == null) {
            throw BpfException.malformed(
                    where,
                    head
                            + "parsing ["
                            + relo.typeId()
                            + "] "
                            + type.kind().label()
                            + " "
                            + (type.name().isEmpty() ? "<anon>" : type.name())
                            + " + "
                            + relo.access()
                            + " failed");
        }
        try {
            CoreResult result =
                    kind == CoreKind.TYPE_ID_LOCAL
                            ? CoreResult.localTypeId(relo.typeId())
                            : resolve(spec, type, head, where);
            if (result.poison()) {
                return new Outcome(insn, "failed to resolve CO-RE relocation " + spec);
            }
            Insn patched = CorePatch.apply(insn, result);
            if (patched == null) {
                return new Outcome(
                        insn,
                        "failed to resolve CO-RE relocation "
                                + spec
                                + ": the field has "
                                + result.targetSize()
                                + " bytes instead of "
                                + result.localSize()
                                + "; only pointers and unsigned integers can change their size");
            }
            return new Outcome(patched, null);
        } catch (CoreResult.Impossible e) {
            throw BpfException.unresolved(where, head + spec + " " + e.getMessage());
        } catch (CorePatch.Refused e) {
            throw BpfException.malformed(where, head + e.getMessage());
        }
    }

    private CoreResult resolve(CoreSpec spec, BtfType type, String head, Where where)
            throws CoreResult.Impossible {
        if (type.name().isEmpty() || type.id() == 0) {
            throw BpfException.unsupported(
                    where,
                    head
                            + "<"
                            + spec.kind.label()
                            + "> relocation doesn't support anonymous types");
        }
        Btf target = targetBtf.get();
        if (target == null) {
            throw BpfException.unresolved(
                    where,
                    head
                            + spec
                            + " needs the kernel's BTF, and there is none; give a BTF file"
                            + " (--btf)");
        }
        List<Integer> ids = candidates.computeIfAbsent(type.id(), id -> candidates(type, target));
        CoreMatcher matcher = new CoreMatcher(local, target);
        List<Integer> matching = new ArrayList<>();
        CoreResult chosen = null;
        CoreSpec place = null;
        for (int id : ids) {
            CoreSpec found = matcher.find(spec, id);
            if (found == null) {
                continue;
            }
            CoreResult result = CoreResult.of(spec, found, local.order());
            if (chosen == null) {
                chosen = result;
                place = found;
            } else if (found.bitOffset != place.bitOffset) {
                throw BpfException.unresolved(
                        where,
                        head
                                + spec
                                + ": field offset ambiguity: "
                                + found.bitOffset
                                + " != "
                                + place.bitOffset);
            } else if (result.poison() != chosen.poison() || result.target() != chosen.target()) {
                throw BpfException.unresolved(
                        where,
                        head
                                + spec
                                + ": relocation decision ambiguity: "
                                + describe(result)
                                + " != "
                                + describe(chosen));
            }
            matching.add(id);
        }
        if (chosen == null) {
            return CoreResult.of(spec, null, local.order());
        }
        // later records of the same type look only at the candidates that fitted so far
        candidates.put(type.id(), matching);
        return chosen;
    }

    private static String describe(CoreResult result) {
        return (result.poison() ? "failure " : "success ") + Long.toUnsignedString(result.target());
    }

    private List<Integer> candidates(BtfType type, Btf target) {
        if (target == local) {
            // the object's own BTF instead of a kernel's: each type is itself, its flavors are
            // others
            return List.of(type.id());
        }
        List<Integer> found = new ArrayList<>();
        for (int id : target.candidates(type.name())) {
            if (CoreMatcher.kindsCompatible(type.kind(), target.kind(id))) {
                found.add(id);
            }
        }
        return found;
    }
}
