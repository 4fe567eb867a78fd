package org.trufflebpf;

import com.oracle.truffle.api.CallTarget;

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
import org.trufflebpf.map.StructOpsMap;
import org.trufflebpf.nodes.BoundProgram;
import org.trufflebpf.nodes.GuestFunctions;
import org.trufflebpf.nodes.InsnListener;
import org.trufflebpf.nodes.InsnTracer;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.nodes.ProgramCode;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.relo.Kconfig;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.relo.Loader;
import org.trufflebpf.relo.StructOps;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.runtime.Instance;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.Proofs;
import org.trufflebpf.verifier.Verdict;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    /** Hears of each instruction; programs then run unverified. Or {@code null}. */
    private final InsnListener watcher;

    private final Verification verification;
    private final boolean replacing;
    private GuestFunctions functions = GuestFunctions.NONE;
    private Instance instance;

    LoadedObject(EbpfContext context, ParsedObject parsed, InstanceOptions options) {
        this(context, parsed, options, false);
    }

    /**
     * An object whose freplace programs take the place of functions of others.
     *
     * @param replacing its code is bound to the one instance, as it runs within code of others
     */
    LoadedObject(
            EbpfContext context, ParsedObject parsed, InstanceOptions options, boolean replacing) {
        this(context, parsed, options, replacing, null);
    }

    private LoadedObject(
            EbpfContext context,
            ParsedObject parsed,
            InstanceOptions options,
            boolean replacing,
            InsnListener watcher) {
        this.replacing = replacing;
        this.watcher = watcher;
        this.context = context;
        this.parsed = parsed;
        this.options = options;
        this.spec = parsed.spec();
        this.verification = new Verification(context, parsed, target(), this::instance);
        for (int i = 0; i < spec.programs().size(); i++) {
            int index = i;
            ProgramSpec program = retyped(spec.programs().get(i));
            programs.add(new LoadableProgram(program, () -> load(index, program)));
        }
    }

    /** The same object opened once more, with other maps and functions. */
    public LoadedObject again(InstanceOptions newOptions) {
        return new LoadedObject(context, parsed, newOptions, replacing);
    }

    /** The same object opened once more; its programs run unverified and report to a listener. */
    public LoadedObject watched(InsnListener listener) {
        LoadedObject watched = new LoadedObject(context, parsed, options, replacing, listener);
        watched.bind(functions);
        return watched;
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
            boolean constant = kind == MapSpec.Kind.RODATA || kind == MapSpec.Kind.KCONFIG;
            if (constant || map instanceof StructOpsMap) {
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
                if (map.type() == MapType.STRUCT_OPS) {
                    StructOps.check(spec, map, target());
                }
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
        if (map instanceof ProgArrayMap || map instanceof StructOpsMap) {
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
        } else if (map instanceof StructOpsMap operations) {
            operations.setTarget(slot.key(), target);
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
        Map<String, CallTarget> replaced =
                replacing ? Map.of() : context.replacements().of(spec, program);
        boolean exclusive =
                replacing
                        || !options.functions().isEmpty()
                        || !replaced.isEmpty()
                        || watcher != null;
        if (context.language().isShared() && !exclusive) {
            ProgramCode code = parsed.code(index, () -> shared(index, program));
            // made by another context perhaps, with other constants
            verification.admitShared(index, code.program());
            return code.bind(live);
        }
        LoadedProgram loaded = relocate(program);
        Proofs proofs = watcher == null ? verification.admit(loaded) : Proofs.NONE;
        // what a bound function returns is not what the verifier knows of the kernel's
        return compile(loaded, live, options.functions().isEmpty() ? proofs : Proofs.NONE, replaced)
                .bind(live);
    }

    /**
     * Loads an freplace program to take the place of a function.
     *
     * @param program as it runs: of the type that it extends if it gets a context
     * @param judged the same of the type that it extends, as it is verified
     * @param function whether it gets the arguments of a function
     */
    BoundProgram loadReplacing(ProgramSpec program, ProgramSpec judged, boolean function) {
        Instance live = instance();
        freeze(live);
        LoadedProgram loaded = relocate(program);
        Proofs proofs = verification.admit(loaded.as(judged), function);
        return compile(loaded, live, proofs, Map.of()).bind(live);
    }

    private ProgramCode shared(int index, ProgramSpec program) {
        LoadedProgram loaded = relocate(program);
        verification.admitShared(index, loaded);
        return compile(loaded, null, Proofs.NONE, Map.of());
    }

    /**
     * Loads a program and, where programs are verified, those that its tail calls may go to, so
     * that none of them is refused in the middle of a run.
     */
    public void load(LoadableProgram program) {
        Set<LoadableProgram> done = new HashSet<>();
        Deque<LoadableProgram> waiting = new ArrayDeque<>(List.of(program));
        while (!waiting.isEmpty()) {
            LoadableProgram next = waiting.remove();
            if (done.add(next)) {
                next.load();
                if (context.codeOptions().verify()) {
                    waiting.addAll(tailCalled(next.spec()));
                }
            }
        }
    }

    /** The programs in the prog arrays that a program refers to. */
    private List<LoadableProgram> tailCalled(ProgramSpec program) {
        List<LoadableProgram> targets = new ArrayList<>();
        for (Insn insn : program.insns()) {
            int map = insn.mapIndex();
            if (map >= 0 && instance().map(map) instanceof ProgArrayMap array) {
                for (int i = 0; i < array.maxEntries(); i++) {
                    if (array.target(i) instanceof LoadableProgram target) {
                        targets.add(target);
                    }
                }
            }
        }
        return targets;
    }

    /** What the verifier says of a program, whether or not it is loaded. */
    public Verdict verify(LoadableProgram program, int logLevel) {
        if (!replacing) {
            // what takes the place of its functions is a part of it
            context.replacements().of(spec, program.spec());
        }
        return verification.verdict(relocate(program.spec()), logLevel);
    }

    private LoadedProgram relocate(ProgramSpec program) {
        return Loader.load(
                spec,
                program,
                target(),
                name -> functions.hasKfunc(name) || KfuncTable.isKnown(name));
    }

    /** The kernel's BTF, else the object's own. */
    private TargetBtf target() {
        return TargetBtf.lazy(
                () -> {
                    Btf kernel = context.targetBtf().get();
                    return kernel != null ? kernel : spec.btf();
                });
    }

    private InsnListener listener() {
        if (watcher != null) {
            return watcher;
        }
        return context.codeOptions().traceInsns() ? InsnTracer.create() : null;
    }

    private ProgramCode compile(
            LoadedProgram loaded,
            Instance exclusive,
            Proofs proofs,
            Map<String, CallTarget> replaced) {
        CodeOptions options = context.codeOptions();
        return new ProgramCode(
                context.language(),
                spec,
                loaded,
                exclusive,
                listener(),
                options.conformance(),
                proofs,
                replaced,
                functions);
    }
}
