package org.trufflebpf.nodes;

import org.trufflebpf.cfg.Block;
import org.trufflebpf.cfg.ControlFlow;
import org.trufflebpf.cfg.Function;
import org.trufflebpf.cfg.Region;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.ConformanceHelpers;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.helper.KfuncTable;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapType;

import java.util.ArrayList;
import java.util.List;

/** Makes the nodes of a program: one for each instruction, by the kind of its row. */
final class NodeBuilder {
    /**
     * Instructions that are compiled at once, at most. Several of the compiler's phases take more
     * than linear time, and at last it gives up.
     */
    static final int MAX_SIZE = 2000;

    private final ProgramCode code;

    NodeBuilder(ProgramCode code) {
        this.code = code;
    }

    /** What a function does, as a whole or, if it is too large for the compiler, in regions. */
    BodyNode body(FunctionRootNode root) {
        List<Block> blocks = root.function().blocks();
        List<Region> regions = Region.split(blocks, MAX_SIZE);
        return regions.size() == 1
                ? new FunctionNode(code, blocks.stream().map(this::block).toArray(BlockNode[]::new))
                : RegionsNode.create(root, this, regions);
    }

    /** What a region of a function does, from the block that its state names to the next region. */
    FunctionNode body(Function function, Region region) {
        return new FunctionNode(code, new RegionBlocks(this, region).build(function.blocks()));
    }

    BlockNode block(Block block) {
        return block(block, block.taken(), block.next());
    }

    /** A block whose ways lead elsewhere. */
    BlockNode block(Block block, int taken, int next) {
        List<InsnNode> body = new ArrayList<>();
        for (Insn insn : block.body()) {
            InsnNode node = locate(insn);
            if (node != null) {
                body.add(code.isTraced() ? new TracedNode(code, insn, node) : node);
            }
        }
        ConditionNode branch = block.branch() == null ? null : branch(block.branch());
        if (branch != null && code.isTraced()) {
            branch = new TracedBranchNode(code, block.branch(), branch);
        }
        return new BlockNode(body.toArray(InsnNode[]::new), branch, taken, next);
    }

    private ConditionNode branch(Insn insn) {
        return switch (insn.opcode().kind()) {
            case JCC -> {
                int decided = code.decided(insn);
                yield decided < 0 ? JumpNode.create(insn) : new DecidedJumpNode(insn, decided == 1);
            }
            case MAY_GOTO -> new MayGotoNode(insn);
            case LD_ABS, LD_IND -> new PacketLoadNode(code, insn);
            default -> tailCall(insn);
        };
    }

    private ConditionNode tailCall(Insn insn) {
        helper(insn);
        return new TailCallNode(code, insn);
    }

    private InsnNode locate(Insn insn) {
        String poison = code.program().poison().get(insn.index());
        if (poison != null) {
            return new PoisonNode(code, insn, poison);
        }
        try {
            return node(insn);
        } catch (BpfException e) {
            throw e.within(code.where(insn.index()));
        }
    }

    private InsnNode node(Insn insn) {
        return switch (insn.opcode().kind()) {
            case ALU ->
                    code.dividesByNonZero(insn)
                            ? new ProvenDivisionNode(insn)
                            : AluNode.create(insn, code.isBigEndian());
            case ADDR_SPACE_CAST -> new AddressSpaceCastNode(code.object(), insn);
            // where control goes next is the block's matter; the trace still shows the instruction
            case JA, JA32, EXIT -> code.isTraced() ? new NopNode(insn) : null;
            case LDX, LDSX, LOAD_ACQUIRE -> new LoadNode(code, insn);
            case ST, STX, STORE_RELEASE -> new StoreNode(code, insn);
            case ATOMIC -> new AtomicNode(code, insn);
            case LDDW -> reference(insn);
            case CALL_SUBPROG ->
                    new SubprogCallNode(
                            code,
                            insn,
                            ControlFlow.functionAt(code.functions(), ControlFlow.callTarget(insn)));
            case CALL_HELPER -> helperCall(insn);
            case CALL_KFUNC -> kfuncCall(insn);
            case CALLX -> new CallxNode(code, insn);
            case JCC, MAY_GOTO, LD_ABS, LD_IND ->
                    throw new IllegalStateException(insn + " ends a block");
        };
    }

    private HelperRow helper(Insn insn) {
        if (code.isConformance()) {
            return ConformanceHelpers.require(insn.imm());
        }
        return HelperTable.require(
                insn.imm(), code.program().spec().type(), code.object().license());
    }

    private InsnNode helperCall(Insn insn) {
        GuestFunctionNode guest = code.guests().helper(insn.imm());
        return guest != null
                ? new GuestCallNode(code, insn, guest)
                : HelperNode.create(code, insn, helper(insn));
    }

    private InsnNode kfuncCall(Insn insn) {
        String name = kfuncName(insn);
        GuestFunctionNode guest = code.guests().kfunc(name);
        return guest != null
                ? new GuestCallNode(code, insn, guest)
                : HelperNode.create(
                        code, insn, KfuncTable.require(name, code.program().spec().type()));
    }

    private String kfuncName(Insn insn) {
        String name = code.program().kfuncs().get(insn.index());
        if (name == null) {
            throw BpfException.unresolved(
                    code.where(insn.index()),
                    "calls the kernel function with BTF id "
                            + insn.imm()
                            + ", which has no name here");
        }
        return name;
    }

    private InsnNode reference(Insn insn) {
        return switch (insn.src()) {
            case 0 -> new ConstantNode(insn);
            case 1, 5 -> new ReferenceNode(code, insn, ReferenceNode.Target.MAP, map(insn));
            case 2, 6 ->
                    new ReferenceNode(code, insn, ReferenceNode.Target.MAP_VALUE, mapValue(insn));
            case 4 ->
                    new ReferenceNode(
                            code,
                            insn,
                            ReferenceNode.Target.FUNCTION,
                            ControlFlow.functionAt(code.functions(), ControlFlow.callTarget(insn)));
            default ->
                    throw BpfException.unsupported(
                            code.where(insn.index()),
                            "refers to the kernel's variable with BTF id "
                                    + insn.imm()
                                    + "; there is no kernel to read it from");
        };
    }

    private int map(Insn insn) {
        int count = code.object().maps().size();
        if (insn.imm() < 0 || insn.imm() >= count) {
            throw BpfException.malformed(
                    code.where(insn.index()),
                    "refers to map " + insn.imm() + ", but the object has " + count);
        }
        return insn.imm();
    }

    private int mapValue(Insn insn) {
        int index = map(insn);
        MapSpec spec = code.object().maps().get(index);
        long offset = insn.nextImm() & 0xffff_ffffL;
        boolean inArena = spec.type() == MapType.ARENA && spec.data() != null;
        if (!inArena && (spec.type() != MapType.ARRAY || offset > spec.valueSize())) {
            throw BpfException.rejected(
                    code.where(insn.index()),
                    "invalid access to map value pointer, value_size="
                            + spec.valueSize()
                            + " off="
                            + offset
                            + " of map "
                            + spec.name());
        }
        return index;
    }
}
