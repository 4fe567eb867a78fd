package org.trufflebpf.relo;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;

import java.util.List;

/**
 * Compares types of the object's BTF with types of the target, and finds places of one in the
 * other, by libbpf's rules ({@code relo_core.c}): field accesses ask for compatible types, {@code
 * bpf_core_type_exists} and kernel functions for a compatible shape, {@code bpf_core_type_matches}
 * for a match in names, sizes and members.
 */
final class CoreMatcher {
    private static final int MAX_DEPTH = 32;

    /** Comparisons that one question may cost; a kernel's types cost some thousands. */
    private static final int MAX_STEPS = 2_000_000;

    private final Btf local;
    private final Btf target;
    private int steps;

    CoreMatcher(Btf local, Btf target) {
        this.local = local;
        this.target = target;
    }

    /** Thrown where libbpf gives up on a comparison that is too deep. */
    private BpfException tooDeep(int id) {
        return BpfException.limit(
                target.where(), "BTF type " + id + " is nested too deeply to be compared");
    }

    private void count(int id) {
        if (++steps > MAX_STEPS) {
            throw tooDeep(id);
        }
    }

    /** The place in a target type that corresponds to a local one, or {@code null}. */
    CoreSpec find(CoreSpec wanted, int targetId) {
        steps = 0;
        CoreSpec found = new CoreSpec(target, targetId, wanted.kind);
        boolean fits =
                switch (wanted.kind.subject()) {
                    case TYPE ->
                            wanted.kind == CoreKind.TYPE_MATCHES
                                    ? matches(wanted.rootType, targetId, false, MAX_DEPTH)
                                    : compatible(wanted.rootType, targetId, MAX_DEPTH);
                    case ENUM_VALUE -> findEnumerator(wanted, found, targetId);
                    case FIELD -> findField(wanted, found, targetId);
                };
        return fits ? found : null;
    }

    private boolean findEnumerator(CoreSpec wanted, CoreSpec found, int targetId) {
        int id = target.skipModifiers(targetId);
        if (!(target.type(id) instanceof BtfType.Enumeration type)) {
            return false;
        }
        String name = Btf.essentialName(wanted.steps.getFirst().name());
        for (int i = 0; i < type.values().size(); i++) {
            String candidate = type.values().get(i).name();
            if (Btf.essentialName(candidate).equals(name)) {
                found.steps.add(new CoreSpec.Step(id, i, candidate));
                found.raw.add(i);
                return true;
            }
        }
        return false;
    }

    private boolean findField(CoreSpec wanted, CoreSpec found, int targetId) {
        int id = targetId;
        for (int i = 0; i < wanted.steps.size(); i++) {
            CoreSpec.Step step = wanted.steps.get(i);
            id = target.skipModifiers(id);
            if (step.name() != null) {
                id = findMember(step, id, found);
                if (id < 0) {
                    return false;
                }
                continue;
            }
            // the first index is that of the root itself, as of a pointer
            if (i > 0) {
                if (!(target.type(id) instanceof BtfType.Array array)
                        || (step.index() >= array.count() && !found.isFlexible(array))) {
                    return false;
                }
                id = target.skipModifiers(array.element());
            }
            checkLength(found, id);
            found.steps.add(new CoreSpec.Step(id, step.index(), null));
            found.raw.add(step.index());
            long size = target.sizeOf(id);
            if (size < 0) {
                throw BpfException.malformed(target.where(), "BTF type " + id + " has no size");
            }
            found.bitOffset += step.index() * size * 8;
        }
        return true;
    }

    /**
     * Looks a member up by name, also in anonymous members; its type, or -1 if there is none that
     * fits.
     */
    private int findMember(CoreSpec.Step wanted, int targetId, CoreSpec found) {
        int id = target.skipModifiers(targetId);
        if (!(target.type(id) instanceof BtfType.Composite type)) {
            return -1;
        }
        BtfType.Member localMember =
                ((BtfType.Composite) local.type(wanted.type())).members().get(wanted.index());
        for (int i = 0; i < type.members().size(); i++) {
            BtfType.Member member = type.members().get(i);
            count(id);
            checkLength(found, id);
            found.bitOffset += member.bitOffset();
            found.raw.add(i);
            if (member.name().isEmpty()) {
                int inner = findMember(wanted, member.type(), found);
                if (inner != -1) {
                    return inner;
                }
            } else if (member.name().equals(wanted.name())) {
                if (!fieldsCompatible(localMember.type(), member.type())) {
                    return INCOMPATIBLE;
                }
                found.steps.add(new CoreSpec.Step(id, i, member.name()));
                return member.type();
            }
            found.bitOffset -= member.bitOffset();
            found.raw.removeLast();
        }
        return -1;
    }

    /**
     * A member of that name was found, but its type does not fit; unlike "not found" this ends the
     * search.
     */
    private static final int INCOMPATIBLE = -2;

    private void checkLength(CoreSpec found, int id) {
        if (found.raw.size() == CoreSpec.MAX_LENGTH) {
            throw tooDeep(id);
        }
    }

    /** Whether values of two field types may stand for each other. */
    private boolean fieldsCompatible(int localId, int targetId) {
        int left = localId;
        int right = targetId;
        for (int depth = 0; depth <= MAX_DEPTH; depth++) {
            BtfType localType = local.resolve(left);
            BtfType targetType = target.resolve(right);
            if (localType.kind().isComposite() && targetType.kind().isComposite()) {
                return true;
            }
            if (!kindsCompatible(localType.kind(), targetType.kind())) {
                return false;
            }
            switch (localType) {
                case BtfType.Ptr pointer -> {
                    return true;
                }
                case BtfType.Floating number -> {
                    return true;
                }
                case BtfType.Forward forward -> {
                    return namesAgree(localType.name(), targetType.name());
                }
                case BtfType.Enumeration enumeration -> {
                    return namesAgree(localType.name(), targetType.name());
                }
                case BtfType.Int integer -> {
                    return integer.bitOffset() == 0 && ((BtfType.Int) targetType).bitOffset() == 0;
                }
                case BtfType.Array array -> {
                    left = array.element();
                    right = ((BtfType.Array) targetType).element();
                }
                default -> {
                    return false;
                }
            }
        }
        throw tooDeep(targetId);
    }

    private static boolean namesAgree(String left, String right) {
        return left.isEmpty()
                || right.isEmpty()
                || Btf.essentialName(left).equals(Btf.essentialName(right));
    }

    static boolean kindsCompatible(BtfKind left, BtfKind right) {
        return left == right || (left.isEnum() && right.isEnum());
    }

    /**
     * Whether two types have the same shape, names below the root not asked ({@code
     * bpf_core_types_are_compat}).
     */
    boolean compatible(int localId, int targetId) {
        steps = 0;
        return compatible(localId, targetId, MAX_DEPTH);
    }

    private boolean compatible(int localId, int targetId, int level) {
        int left = localId;
        int right = targetId;
        if (!kindsCompatible(local.kind(left), target.kind(right))) {
            return false;
        }
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            count(right);
            BtfType localType = local.resolve(left);
            BtfType targetType = target.resolve(right);
            if (!kindsCompatible(localType.kind(), targetType.kind())) {
                return false;
            }
            switch (localType) {
                case BtfType.Int integer -> {
                    return integer.bitOffset() == 0 && ((BtfType.Int) targetType).bitOffset() == 0;
                }
                case BtfType.Ptr pointer -> {
                    left = pointer.target();
                    right = ((BtfType.Ptr) targetType).target();
                }
                case BtfType.Array array -> {
                    left = array.element();
                    right = ((BtfType.Array) targetType).element();
                }
                case BtfType.FuncProto proto -> {
                    if (!paramsCompatible(proto, (BtfType.FuncProto) targetType, level)) {
                        return false;
                    }
                    left = local.skipModifiers(proto.result());
                    right = target.skipModifiers(((BtfType.FuncProto) targetType).result());
                }
                default -> {
                    BtfKind kind = localType.kind();
                    return kind == BtfKind.UNKN
                            || kind == BtfKind.FWD
                            || kind.isComposite()
                            || kind.isEnum();
                }
            }
        }
        throw tooDeep(targetId);
    }

    private boolean paramsCompatible(BtfType.FuncProto left, BtfType.FuncProto right, int level) {
        if (left.params().size() != right.params().size()) {
            return false;
        }
        for (int i = 0; i < left.params().size(); i++) {
            if (level <= 0) {
                throw tooDeep(right.id());
            }
            int leftId = local.skipModifiers(left.params().get(i).type());
            int rightId = target.skipModifiers(right.params().get(i).type());
            if (!compatible(leftId, rightId, level - 1)) {
                return false;
            }
        }
        return true;
    }

    /** Whether two types match in names, sizes and members ({@code bpf_core_types_match}). */
    private boolean matches(int localId, int targetId, boolean startsBehindPointer, int level) {
        if (level <= 0) {
            throw tooDeep(targetId);
        }
        boolean behindPointer = startsBehindPointer;
        int left = localId;
        int right = targetId;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            count(right);
            BtfType localType = local.resolve(left);
            BtfType targetType = target.resolve(right);
            if (!namesEqual(nameOf(localType), nameOf(targetType))) {
                return false;
            }
            BtfKind kind = targetType.kind();
            switch (localType) {
                case BtfType.Forward forward -> {
                    return forwardMatches(forward, targetType, behindPointer);
                }
                case BtfType.Enumeration enumeration -> {
                    return targetType instanceof BtfType.Enumeration other
                            && enumsMatch(enumeration, other);
                }
                case BtfType.Composite composite -> {
                    if (behindPointer) {
                        return composite.kind() == kind
                                || (targetType instanceof BtfType.Forward forward
                                        && forward.union() == (composite.kind() == BtfKind.UNION));
                    }
                    return composite.kind() == kind
                            && membersMatch(composite, (BtfType.Composite) targetType, level);
                }
                case BtfType.Int integer -> {
                    return targetType instanceof BtfType.Int other
                            && integer.size() == other.size()
                            && integer.isSigned() == other.isSigned();
                }
                case BtfType.Ptr pointer -> {
                    if (!(targetType instanceof BtfType.Ptr other)) {
                        return false;
                    }
                    behindPointer = true;
                    left = pointer.target();
                    right = other.target();
                }
                case BtfType.Array array -> {
                    if (!(targetType instanceof BtfType.Array other)
                            || array.count() != other.count()) {
                        return false;
                    }
                    left = array.element();
                    right = other.element();
                }
                case BtfType.FuncProto proto -> {
                    if (!(targetType instanceof BtfType.FuncProto other)
                            || !paramsMatch(proto, other, behindPointer, level)) {
                        return false;
                    }
                    left = proto.result();
                    right = other.result();
                }
                default -> {
                    return localType.kind() == BtfKind.UNKN && kind == BtfKind.UNKN;
                }
            }
        }
        throw tooDeep(targetId);
    }

    private static String nameOf(BtfType type) {
        return type.kind() == BtfKind.UNKN ? "" : type.name();
    }

    private static boolean namesEqual(String localName, String targetName) {
        return targetName.isEmpty()
                ? localName.isEmpty()
                : Btf.essentialName(localName).equals(Btf.essentialName(targetName));
    }

    private static boolean forwardMatches(
            BtfType.Forward left, BtfType right, boolean behindPointer) {
        if (right instanceof BtfType.Forward other) {
            return left.union() == other.union();
        }
        return behindPointer && right.kind() == (left.union() ? BtfKind.UNION : BtfKind.STRUCT);
    }

    private boolean enumsMatch(BtfType.Enumeration left, BtfType.Enumeration right) {
        if (left.size() != right.size() || left.values().size() > right.values().size()) {
            return false;
        }
        for (BtfType.Value value : left.values()) {
            boolean matched = false;
            for (BtfType.Value candidate : right.values()) {
                count(right.id());
                matched |= namesEqual(value.name(), candidate.name());
            }
            if (!matched) {
                return false;
            }
        }
        return true;
    }

    private boolean membersMatch(BtfType.Composite left, BtfType.Composite right, int level) {
        if (left.members().size() > right.members().size()) {
            return false;
        }
        for (BtfType.Member member : left.members()) {
            if (!memberMatches(member, right.members(), level)) {
                return false;
            }
        }
        return true;
    }

    private boolean memberMatches(
            BtfType.Member member, List<BtfType.Member> candidates, int level) {
        for (BtfType.Member candidate : candidates) {
            count(candidate.type());
            if (namesEqual(member.name(), candidate.name())
                    && matches(member.type(), candidate.type(), false, level - 1)) {
                return true;
            }
        }
        return false;
    }

    private boolean paramsMatch(
            BtfType.FuncProto left, BtfType.FuncProto right, boolean behindPointer, int level) {
        if (left.params().size() != right.params().size()) {
            return false;
        }
        for (int i = 0; i < left.params().size(); i++) {
            if (!matches(
                    left.params().get(i).type(),
                    right.params().get(i).type(),
                    behindPointer,
                    level - 1)) {
                return false;
            }
        }
        return true;
    }
}
