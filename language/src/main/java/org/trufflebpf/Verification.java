package org.trufflebpf;

import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.map.StructOpsMap;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.relo.StructOps;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.runtime.Instance;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.Proofs;
import org.trufflebpf.verifier.Verdict;
import org.trufflebpf.verifier.Verifier;
import org.trufflebpf.verifier.VerifierInput;
import org.trufflebpf.verifier.VerifierOptions;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Verifies the programs of an opened object, with what its context knows: the constants of its
 * maps, the kernel's types, the number of CPUs.
 */
final class Verification {
    private final EbpfContext context;
    private final ParsedObject parsed;
    private final TargetBtf target;
    private final Supplier<Instance> instance;

    /**
     * All that a verdict depends on besides the code.
     *
     * @param program the program's index
     * @param constants contents of the maps that never change
     * @param operations programs of the structures of operations, whose members say what they are
     */
    private record Facts(
            int program, int cpus, List<ByteBuffer> constants, List<MapSpec.Slot> operations) {}

    Verification(
            EbpfContext context,
            ParsedObject parsed,
            TargetBtf target,
            Supplier<Instance> instance) {
        this.context = context;
        this.parsed = parsed;
        this.target = target;
        this.instance = instance;
    }

    /** Judges a program. */
    Verdict verdict(LoadedProgram program, int logLevel) {
        return verdict(program, false, logLevel);
    }

    private Verdict verdict(LoadedProgram program, boolean function, int logLevel) {
        return Verifier.verify(
                new VerifierInput(
                        parsed.spec().withMaps(maps()),
                        program,
                        target,
                        this::constants,
                        cpus(),
                        function),
                VerifierOptions.DEFAULT.withLog(logLevel));
    }

    /** Whether a program is verified when it is loaded: one without a type is none of a kernel. */
    boolean isAsked(LoadedProgram program) {
        CodeOptions options = context.codeOptions();
        return options.verify()
                && !options.conformance()
                && program.spec().type() != ProgramType.UNSPEC;
    }

    /**
     * Verifies a program before it is loaded, if that is asked for.
     *
     * @throws BpfException if it is refused
     */
    Proofs admit(LoadedProgram program) {
        return admit(program, false);
    }

    /** As {@link #admit(LoadedProgram)}, of what may take the place of a function. */
    Proofs admit(LoadedProgram program, boolean function) {
        if (!isAsked(program)) {
            return Proofs.NONE;
        }
        int level = context.codeOptions().verifierLog();
        Verdict verdict = verdict(program, function, level);
        if (level > 0) {
            context.errorStream().print(verdict.log());
        }
        if (!verdict.accepted()) {
            throw verdict.refusal();
        }
        return verdict.proofs();
    }

    /**
     * Verifies a program whose code contexts share. It gets no proofs, as they may rest on
     * constants of one context, and is not verified again where the facts are the same.
     *
     * @param index the program's index in its object
     * @throws BpfException if it is refused
     */
    void admitShared(int index, LoadedProgram program) {
        if (!isAsked(program)) {
            return;
        }
        List<ByteBuffer> constants = new ArrayList<>();
        for (int i = 0; i < parsed.spec().maps().size(); i++) {
            byte[] contents = constants(i);
            if (contents != null) {
                constants.add(ByteBuffer.wrap(contents));
            }
        }
        List<MapSpec.Slot> operations =
                maps().stream()
                        .filter(map -> map.type() == MapType.STRUCT_OPS)
                        .flatMap(map -> map.slots().stream())
                        .toList();
        Facts facts = new Facts(index, cpus(), constants, operations);
        if (!parsed.isAccepted(facts)) {
            admit(program);
            parsed.accepted(facts);
        }
    }

    /** The object's maps; structures of operations hold the programs that they hold now. */
    private List<MapSpec> maps() {
        return parsed.spec().maps().stream()
                .map(map -> map.type() == MapType.STRUCT_OPS ? live(map) : map)
                .toList();
    }

    private MapSpec live(MapSpec map) {
        if (!(instance.get().map(map.name()) instanceof StructOpsMap operations)) {
            return map;
        }
        List<MapSpec.Slot> slots = new ArrayList<>();
        for (BtfType.Member member : StructOps.functions(parsed.spec().btf(), map.valueTypeId())) {
            int offset = (int) (member.bitOffset() / 8);
            if (operations.target(offset) instanceof LoadableProgram program) {
                slots.add(new MapSpec.Slot(offset, program.spec().name()));
            }
        }
        return map.withSlots(slots);
    }

    private int cpus() {
        return context.machine().environment().cpus();
    }

    /** The contents of a map that neither programs nor users change once a program is loaded. */
    private byte[] constants(int map) {
        MapSpec.Kind kind = parsed.spec().maps().get(map).kind();
        boolean constant = kind == MapSpec.Kind.RODATA || kind == MapSpec.Kind.KCONFIG;
        return constant && !(instance.get().map(map) instanceof RefusedMap)
                ? instance.get().map(map).get(new byte[4])
                : null;
    }
}
