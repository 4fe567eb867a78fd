package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.insn.Assembler;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.object.SubprogSpec;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A {@link VerifierCase} as the loader would hand it over: instructions, maps and BTF. The kernel
 * gets the same.
 */
final class CaseProgram {
    /** A map: sizes, and BTF type ids where its value has fields. */
    record CaseMap(
            String name,
            MapType type,
            int keySize,
            int valueSize,
            int entries,
            int keyId,
            int valueId) {
        int flags() {
            return type == MapType.ARENA ? MapFlags.BPF_F_MMAPABLE : 0;
        }
    }

    private final VerifierCase source;
    private final ProgramType type;
    private final Assembler.Result code;
    private final CaseTypes types = new CaseTypes();
    private final List<CaseMap> maps = new ArrayList<>();
    private final List<SubprogSpec> subprogs = new ArrayList<>();

    CaseProgram(VerifierCase source) {
        this.source = source;
        this.type = ProgramType.byLabel(source.header("type", "socket_filter"));
        if (type == null) {
            throw new IllegalArgumentException(source + ": unknown program type");
        }
        for (String header : source.headers()) {
            String[] words = header.split(" +");
            if (words[0].equals("struct")) {
                types.struct(
                        words[1],
                        Integer.parseInt(words[2]),
                        List.of(words).subList(3, words.length));
            } else if (words[0].equals("map")) {
                map(words);
            }
        }
        this.code =
                Assembler.assemble(
                        types.resolve(source.text()), maps.stream().map(CaseMap::name).toList());
        functions();
    }

    private void map(String[] words) {
        int valueSize = Integer.parseInt(words[4]);
        int keyId = 0;
        int valueId = 0;
        if (words.length > 6) {
            keyId = types.of("u32");
            valueId =
                    types.struct(
                            words[1] + "_value",
                            valueSize,
                            List.of(words).subList(6, words.length));
        }
        MapType mapType = null;
        for (MapType row : MapType.values()) {
            mapType = row.label().equals(words[2]) ? row : mapType;
        }
        maps.add(
                new CaseMap(
                        words[1],
                        mapType,
                        Integer.parseInt(words[3]),
                        valueSize,
                        Integer.parseInt(words[5]),
                        keyId,
                        valueId));
    }

    private void functions() {
        List<Assembler.Function> functions = code.functions();
        int end = code.insns().getLast().next();
        for (int i = 0; i < functions.size(); i++) {
            Assembler.Function function = functions.get(i);
            List<Integer> parameters = new ArrayList<>();
            if (i == 0) {
                parameters.addAll(List.of(types.builder.string("ctx"), context()));
            }
            for (String parameter : function.parameters()) {
                parameters.addAll(List.of(types.builder.string("p"), parameter(parameter.strip())));
            }
            int proto =
                    types.builder.type(
                            "",
                            BtfKind.FUNC_PROTO,
                            parameters.size() / 2,
                            false,
                            types.of("int"),
                            parameters.stream().mapToInt(Integer::intValue).toArray());
            int id =
                    types.builder.type(
                            function.name(), BtfKind.FUNC, function.global() ? 1 : 0, false, proto);
            tag(id, function.parameters());
            if (i == 0) {
                exceptions(id);
            }
            subprogs.add(
                    new SubprogSpec(
                            function.name(),
                            function.start(),
                            i + 1 < functions.size() ? functions.get(i + 1).start() : end,
                            function.global(),
                            id));
        }
    }

    /** The functions that are named for what {@code bpf_throw} is given; one is enough. */
    private void exceptions(int main) {
        for (String header : source.headers()) {
            String[] words = header.split(" +");
            if (words[0].equals("exception")) {
                types.tagFunction(main, "exception_callback:" + words[1]);
            }
        }
    }

    private int context() {
        return types.ofContext(type.contextType().replaceFirst("^struct ", ""));
    }

    /** {@code mem N}, {@code dynptr}, {@code ctx}, a number, or a tag and a structure. */
    private int parameter(String text) {
        String[] words = text.split(" ");
        return switch (words[0]) {
            case "ctx" -> context();
            case "mem" -> types.ofMemory(Integer.parseInt(words[1]));
            case "dynptr", "trusted", "nullable", "untrusted" ->
                    types.ofPointer(words.length > 1 ? words[1] : words[0]);
            default -> types.of(text);
        };
    }

    /** The tags of a function's parameters. */
    private void tag(int function, List<String> parameters) {
        for (int i = 0; i < parameters.size(); i++) {
            String mark = parameters.get(i).strip().split(" ")[0];
            if (mark.equals("nullable")) {
                types.tagArgument(function, i, "trusted");
            }
            if (Set.of("trusted", "nullable", "untrusted").contains(mark)) {
                types.tagArgument(function, i, mark);
            }
        }
    }

    /** Whether the kernel has to get the program's types. */
    boolean needsTypes() {
        return types.isDeclared() || subprogs.size() > 1;
    }

    VerifierCase source() {
        return source;
    }

    ProgramType type() {
        return type;
    }

    /** Programs of type syscall always are. */
    boolean isSleepable() {
        return type == ProgramType.SYSCALL || source.has("sleepable");
    }

    int attachType() {
        return Integer.parseInt(source.header("attach", "0"));
    }

    String license() {
        return source.header("license", "GPL");
    }

    List<Insn> insns() {
        return code.insns();
    }

    Map<Integer, String> kfuncs() {
        return code.kfuncs();
    }

    List<CaseMap> maps() {
        return maps;
    }

    /** The functions; programs of one function have no BTF of their own in the kernel. */
    List<SubprogSpec> subprogs() {
        return subprogs;
    }

    byte[] btf() {
        return types.builder.bytes();
    }

    /** What an object file with this program would say. */
    ObjectSpec object() {
        List<MapSpec> specs =
                maps.stream()
                        .map(
                                map ->
                                        new MapSpec(
                                                map.name(),
                                                map.type(),
                                                map.keySize(),
                                                map.valueSize(),
                                                map.entries(),
                                                map.flags(),
                                                0,
                                                -1,
                                                false,
                                                map.keyId(),
                                                map.valueId(),
                                                null,
                                                List.of(),
                                                null,
                                                MapSpec.Kind.DECLARED))
                        .collect(Collectors.toCollection(ArrayList::new));
        String target = source.header("target", null);
        if (type == ProgramType.STRUCT_OPS && target != null) {
            specs.add(operations(target.split("\\.")[0], target.split("\\.")[1]));
        }
        ProgramSpec program =
                new ProgramSpec(
                        "main",
                        type.label(),
                        type,
                        attachType(),
                        target,
                        isSleepable(),
                        false,
                        true,
                        code.insns(),
                        subprogs,
                        List.of(),
                        List.of(),
                        List.of());
        return new ObjectSpec(
                "case.o",
                ByteOrder.LITTLE_ENDIAN,
                license(),
                0,
                Btf.parse("case.btf", btf()),
                List.of(program),
                specs,
                List.of());
    }

    /** The variable that gives this program for a member of a structure of operations. */
    private MapSpec operations(String struct, String member) {
        int id = types.builder.struct(struct, 8, false, member, types.builder.pointer(0), 0);
        return new MapSpec(
                "operations",
                MapType.STRUCT_OPS,
                4,
                8,
                1,
                0,
                0,
                -1,
                false,
                0,
                id,
                null,
                List.of(new MapSpec.Slot(0, "main")),
                new byte[8],
                MapSpec.Kind.DECLARED);
    }

    LoadedProgram loaded(ObjectSpec object) {
        return new LoadedProgram(
                object.programs().getFirst(), code.insns(), Map.of(), code.kfuncs());
    }
}
