package org.trufflebpf;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.helper.KfuncTable;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapException;
import org.trufflebpf.map.MapFactory;
import org.trufflebpf.map.MapHost;
import org.trufflebpf.map.MapOfMaps;
import org.trufflebpf.map.ProgArrayMap;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.map.SpecialFields;
import org.trufflebpf.nodes.BoundProgram;
import org.trufflebpf.nodes.GuestFunctions;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.nodes.ProgramCode;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.relo.Kconfig;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.relo.Loader;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.runtime.Instance;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.Proofs;
import org.trufflebpf.verifier.Verdict;
import org.trufflebpf.verifier.Verifier;
import org.trufflebpf.verifier.VerifierInput;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An object opened in a context. Opening creates nothing; the maps are created when the first of
 * them, or the first program, is needed, and each program is loaded when it is needed. Thread-safe.
 */
public final class LoadedObject {
    private final EbpfContext context;
    private final ParsedObject parsed;
    private final ObjectSpec spec;
    private final List<LoadableProgram> programs = new ArrayList<>();
    private final InstanceOptions options;
    private GuestFunctions functions = GuestFunctions.NONE;
    private Instance instance;

    LoadedObject(EbpfContext context, ParsedObject parsed, InstanceOptions options) {
        this.context = context;
        this.parsed = parsed;
        this.options = options;
        this.spec = parsed.spec();
        for (int i = 0; i < spec.programs().size(); i++) {
            int index = i;
            ProgramSpec program = retyped(spec.programs().get(i));
            programs.add(new LoadableProgram(program, () -> load(index, program)));
        }
    }

    /** The same object opened once more, with other maps and functions. */
    public LoadedObject again(InstanceOptions newOptions) {
        return new LoadedObject(context, parsed, newOptions);
    }

    /** What this instance was given. */
    public InstanceOptions options() {
        return options;
    }

    /** Sets the functions that stand in for helpers and kernel functions, before any load. */
    public void bind(GuestFunctions newFunctions) {
        functions = newFunctions;
    }

    /** The program with the types that the user's options ask for. */
    private ProgramSpec retyped(ProgramSpec program) {
        CodeOptions code = context.codeOptions();
        ProgramType type = program.type();
        if (!code.programType().isEmpty()) {
            type = ProgramType.byLabel(code.programType());
            if (type == null) {
                throw BpfException.usage(
                        "'" + code.programType() + "' is not a program type; see --help");
            }
        }
        int attachType = program.attachType();
        if (!code.attachType().isEmpty()) {
            AttachType row = AttachType.byLabel(code.attachType());
            if (row == null) {
                throw BpfException.usage("'" + code.attachType() + "' is not an attach type");
            }
            attachType = row.number();
        }
        return program.withType(type, attachType);
    }

    public EbpfContext context() {
        return context;
    }

    public ObjectSpec spec() {
        return spec;
    }

    public List<LoadableProgram> programs() {
        return programs;
    }

    /** The program of that name, or {@code null}. */
    public LoadableProgram program(String name) {
        return programs.stream()
                .filter(program -> program.spec().name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The object's maps, created now if they were not yet. */
    public synchronized Instance instance() {
        if (instance == null) {
            instance = instantiate();
        }
        return instance;
    }

    /** From the first load on, constants are constant. */
    private static void freeze(Instance live) {
        for (BpfMap map : live.maps()) {
            MapSpec.Kind kind = map.spec().kind();
            if (kind == MapSpec.Kind.RODATA || kind == MapSpec.Kind.KCONFIG) {
                map.freeze();
            }
        }
    }

    private Instance instantiate() {
        Where where = Where.file(spec.name());
        MapHost host = context.machine().mapHost(spec.order());
        Map<String, BpfMap> byName = new HashMap<>();
        List<BpfMap> maps = new ArrayList<>();
        options.checkNames(spec);
        for (MapSpec declared : spec.maps()) {
            BpfMap given = given(declared);
            if (given != null) {
                maps.add(given);
                byName.put(declared.name(), given);
                continue;
            }
            BpfMap live;
            MapSpec map =
                    declared.kind() == MapSpec.Kind.KCONFIG
                            ? declared.withData(kconfig())
                            : declared;
            try {
                live =
                        MapFactory.create(
                                map,
                                host,
                                described ->
                                        SpecialFields.find(spec.btf(), described.valueTypeId()));
            } catch (BpfException e) {
                live = new RefusedMap(map, host, e.within(where));
            }
            maps.add(live);
            byName.put(map.name(), live);
            if (map.pinByName() && !(live instanceof RefusedMap)) {
                context.pins().put(map.name(), live);
            }
        }
        Instance made = new Instance(context.machine(), spec, maps);
        fillSlots(maps, byName, where);
        return made;
    }

    /** The live map that takes the place of a declared one: handed over, or pinned by name. */
    private BpfMap given(MapSpec declared) {
        BpfMap map = options.maps().get(declared.name());
        if (map == null && declared.pinByName()) {
            map = context.pins().get(declared.name());
        }
        if (map != null) {
            InstanceOptions.checkShape(
                    MapFactory.complete(declared, context.machine().environment().cpus()),
                    spec.order(),
                    map,
                    Where.file(spec.name()));
        }
        return map;
    }

    private byte[] kconfig() {
        return Kconfig.fill(
                spec, KernelFiles.config(context.kernelConfig()), KernelFiles.version());
    }

    private void fillSlots(List<BpfMap> maps, Map<String, BpfMap> byName, Where where) {
        for (BpfMap map : maps) {
            for (MapSpec.Slot slot : map.spec().slots()) {
                try {
                    fillSlot(map, slot, byName, where);
                } catch (MapException e) {
                    throw BpfException.rejected(
                            where,
                            "map " + map.name() + ": slot " + slot.key() + ": " + e.getMessage());
                }
            }
        }
    }

    private void fillSlot(BpfMap map, MapSpec.Slot slot, Map<String, BpfMap> byName, Where where) {
        Object target;
        if (map instanceof ProgArrayMap) {
            target = program(slot.target());
        } else if (map instanceof MapOfMaps) {
            target = byName.get(slot.target());
        } else {
            return;
        }
        if (target == null) {
            throw BpfException.unresolved(
                    where,
                    "map "
                            + map.name()
                            + ": slot "
                            + slot.key()
                            + " names "
                            + slot.target()
                            + ", which the object does not have");
        }
        if (map instanceof ProgArrayMap programs) {
            programs.setTarget(slot.key(), target);
        } else {
            map.put(u32(slot.key()), u32((int) ((BpfMap) target).handle()), 0);
        }
    }

    private byte[] u32(int number) {
        return ByteBuffer.allocate(4).order(spec.order()).putInt(number).array();
    }

    private BoundProgram load(int index, ProgramSpec program) {
        Instance live = instance();
        for (Insn insn : program.insns()) {
            int map = insn.mapIndex();
            if (map >= 0
                    && map < live.maps().size()
                    && live.map(map) instanceof RefusedMap refused) {
                throw refused.reason();
            }
        }
        freeze(live);
        if (context.language().isShared() && options.functions().isEmpty()) {
            ProgramCode code = parsed.code(index, () -> compile(program, null));
            return code.bind(live);
        }
        return compile(program, live).bind(live);
    }

    /** The kernel's BTF, else the object's own. */
    private TargetBtf target() {
        return TargetBtf.lazy(
                () -> {
                    Btf kernel = context.targetBtf().get();
                    return kernel != null ? kernel : spec.btf();
                });
    }

    private ProgramCode compile(ProgramSpec program, Instance exclusive) {
        CodeOptions options = context.codeOptions();
        LoadedProgram loaded =
                Loader.load(
                        spec,
                        program,
                        target(),
                        name -> functions.hasKfunc(name) || KfuncTable.isKnown(name));
        return new ProgramCode(
                context.language(),
                spec,
                loaded,
                exclusive,
                options.traceInsns(),
                options.conformance(),
                proofs(loaded, exclusive),
                functions);
    }

    /**
     * Verifies a program, where that is asked for. Code that contexts share gets no proofs: they
     * may rest on constants of one of them.
     *
     * @throws BpfException if it is refused
     */
    private Proofs proofs(LoadedProgram loaded, Instance exclusive) {
        CodeOptions options = context.codeOptions();
        // a program without a type is none that a kernel would take
        if (!options.verify()
                || options.conformance()
                || loaded.spec().type() == ProgramType.UNSPEC) {
            return Proofs.NONE;
        }
        Verdict verdict = Verifier.verify(verifierInput(loaded));
        if (!verdict.accepted()) {
            throw verdict.refusal();
        }
        // what a bound function returns is not what the verifier knows of the kernel's
        boolean kernelOnly = functions.equals(GuestFunctions.NONE);
        return exclusive != null && kernelOnly ? verdict.proofs() : Proofs.NONE;
    }

    private VerifierInput verifierInput(LoadedProgram loaded) {
        return new VerifierInput(
                spec, loaded, target(), this::constants, context.machine().environment().cpus());
    }

    /** The contents of a map that neither programs nor users change once a program is loaded. */
    private byte[] constants(int map) {
        MapSpec.Kind kind = spec.maps().get(map).kind();
        boolean constant = kind == MapSpec.Kind.RODATA || kind == MapSpec.Kind.KCONFIG;
        return constant && !(instance().map(map) instanceof RefusedMap)
                ? instance().map(map).get(new byte[4])
                : null;
    }
}
