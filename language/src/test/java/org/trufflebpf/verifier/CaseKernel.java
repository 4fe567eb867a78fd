package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.InsnEncoder;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelDefect;
import org.trufflebpf.kernel.KernelVerifier;
import org.trufflebpf.object.SubprogSpec;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Asks the running kernel for its verdict on a case. */
final class CaseKernel {
    static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
    private static Btf kernelTypes;

    private CaseKernel() {}

    /** The types of the running kernel. */
    static synchronized Btf kernelTypes() {
        if (kernelTypes == null) {
            try {
                kernelTypes = Btf.parse("vmlinux", Files.readAllBytes(BTF));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return kernelTypes;
    }

    static KernelVerifier.Result verify(CaseProgram program) {
        if (KernelDefect.isNear(program.insns())) {
            throw new IllegalArgumentException(
                    program.source() + ": would crash the verifier of Linux 6.18");
        }
        List<Integer> files = new ArrayList<>();
        try {
            int btf = -1;
            if (program.needsTypes()) {
                btf = KernelVerifier.btfLoad(program.btf());
                files.add(btf);
            }
            List<Integer> maps = new ArrayList<>();
            for (CaseProgram.CaseMap map : program.maps()) {
                int fd =
                        map.valueId() != 0
                                ? KernelBpf.mapCreateTyped(
                                        map.type().number(),
                                        map.keySize(),
                                        map.valueSize(),
                                        map.entries(),
                                        map.flags(),
                                        btf,
                                        map.keyId(),
                                        map.valueId())
                                : KernelBpf.mapCreate(
                                        map.type().number(),
                                        map.keySize(),
                                        map.valueSize(),
                                        map.entries(),
                                        map.flags(),
                                        0);
                files.add(fd);
                maps.add(fd);
            }
            List<Insn> insns = new ArrayList<>();
            for (Insn insn : program.insns()) {
                insns.add(bind(program, insn, maps));
            }
            int[] functions =
                    program.subprogs().stream().flatMapToInt(CaseKernel::functionRecord).toArray();
            return KernelVerifier.verify(
                    new KernelVerifier.Load(
                            program.type().number(),
                            program.type() == ProgramType.STRUCT_OPS
                                    ? memberIndex(program.source().header("target", ""))
                                    : program.attachType(),
                            InsnEncoder.encode(insns, ByteOrder.LITTLE_ENDIAN),
                            program.license(),
                            program.isSleepable(),
                            btf,
                            functions,
                            attachId(program)));
        } finally {
            files.forEach(KernelBpf::close);
        }
    }

    /** The id of the tracepoint's, the iterator's, or the plain function's type. */
    private static int attachId(CaseProgram program) {
        String target = program.source().header("target", null);
        if (target == null) {
            return 0;
        }
        if (program.type() == ProgramType.STRUCT_OPS) {
            return kernelTypes().find(target.split("\\.")[0], BtfKind.STRUCT);
        }
        return switch (AttachType.of(program.attachType())) {
            case TRACE_RAW_TP -> kernelTypes().find("btf_trace_" + target, BtfKind.TYPEDEF);
            case TRACE_ITER -> kernelTypes().find("bpf_iter_" + target, BtfKind.FUNC);
            default -> kernelTypes().find(target, BtfKind.FUNC);
        };
    }

    private static int memberIndex(String target) {
        String[] names = target.split("\\.");
        int id = kernelTypes().find(names[0], BtfKind.STRUCT);
        if (names.length == 2 && kernelTypes().resolve(id) instanceof BtfType.Composite struct) {
            for (int i = 0; i < struct.members().size(); i++) {
                if (struct.members().get(i).name().equals(names[1])) {
                    return i;
                }
            }
        }
        return 0;
    }

    private static IntStream functionRecord(SubprogSpec subprog) {
        return IntStream.of(subprog.start(), subprog.typeId());
    }

    /** Maps become file descriptors, kernel functions their ids. */
    private static Insn bind(CaseProgram program, Insn insn, List<Integer> maps) {
        if (insn.mapIndex() >= 0) {
            return insn.withImm(maps.get(insn.mapIndex()), insn.nextImm());
        }
        if (insn.opcode().kind() == Kind.CALL_KFUNC) {
            String name = program.kfuncs().get(insn.index());
            int id = kernelTypes().find(name, BtfKind.FUNC);
            if (id <= 0) {
                throw new IllegalArgumentException(
                        program.source() + ": the kernel has no function " + name);
            }
            return insn.withImm(id, 0);
        }
        return insn;
    }
}
