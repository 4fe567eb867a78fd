package org.trufflebpf.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfBuilder;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.object.Architecture;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.uapi.ProgramType;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tables of contexts and registers, held to the running kernel's types where it has them. */
class ContextStructTest {
    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

    /** What the kernel gives no name, or has under another. */
    private static final Set<String> NOT_IN_BTF = Set.of("lirc_sample");

    private static void members(
            Btf btf, BtfType.Composite type, long at, Map<String, List<Long>> found) {
        for (BtfType.Member member : type.members()) {
            long offset = at + member.bitOffset() / 8;
            if (member.name().isEmpty()
                    && btf.resolve(member.type()) instanceof BtfType.Composite inner) {
                members(btf, inner, offset, found);
            } else {
                found.putIfAbsent(member.name(), List.of(offset, btf.sizeOf(member.type())));
            }
        }
    }

    @Test
    void fieldsLieWhereTheKernelHasThem() throws IOException {
        assumeTrue(Files.isReadable(VMLINUX), "the kernel shows no BTF");
        Btf btf = Btf.parse(VMLINUX.toString(), Files.readAllBytes(VMLINUX));
        for (ContextStruct struct : ContextStruct.byName().values()) {
            int id = btf.find(struct.name(), BtfKind.STRUCT);
            if (id == 0 || !(btf.type(id) instanceof BtfType.Composite type)) {
                assertTrue(NOT_IN_BTF.contains(struct.name()), struct::name);
                continue;
            }
            assertEquals(type.size(), struct.size(), struct::name);
            Map<String, List<Long>> members = new HashMap<>();
            members(btf, type, 0, members);
            for (ContextStruct.Field field : struct.fields()) {
                long bytes = (long) field.bytes() * Math.max(1, field.count());
                assertEquals(
                        members.get(field.name()),
                        List.of((long) field.offset(), bytes),
                        struct.name() + "." + field.name());
            }
        }
    }

    @Test
    void registersLieWhereTheKernelHasThem() throws IOException {
        assumeTrue(Files.isReadable(VMLINUX), "the kernel shows no BTF");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "not an x86-64 machine");
        Btf btf = Btf.parse(VMLINUX.toString(), Files.readAllBytes(VMLINUX));
        Map<String, List<Long>> members = new HashMap<>();
        members(btf, (BtfType.Composite) btf.type(btf.find("pt_regs", BtfKind.STRUCT)), 0, members);
        for (Architecture.Register register : Architecture.X86_64.registers()) {
            assertEquals((long) register.offset(), members.get(register.name()).getFirst());
        }
    }

    /** The structure that an object has for registers says for which machine it was compiled. */
    @ParameterizedTest
    @CsvSource({
        "pt_regs, di, X86_64",
        "pt_regs, rdi, X86_64",
        "user_pt_regs, pstate, ARM64",
        "user_pt_regs___local, pstate, ARM64",
        "user_regs_struct, a0, RISCV64",
        "user_pt_regs, gprs, S390X",
        "pt_regs, gpr, POWERPC64",
        "user_pt_regs, csr_era, LOONGARCH64",
        "pt_regs, uregs, ARM",
        "pt_regs, other, X86_64"
    })
    void machineOfAnObject(String struct, String member, Architecture expected) {
        BtfBuilder builder = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        int number = builder.integer("long", 8, 0);
        builder.struct(struct, 16, false, member, number, 0);
        ObjectSpec object =
                new ObjectSpec(
                        "x.o",
                        ByteOrder.LITTLE_ENDIAN,
                        "GPL",
                        0,
                        builder.build(),
                        List.of(),
                        List.of(),
                        List.of());
        assertEquals(expected, Architecture.of(object));
        ContextStruct probe = ContextStruct.of(ProgramType.KPROBE, object);
        assertEquals(expected.size(), probe.size());
        ContextStruct sample = ContextStruct.of(ProgramType.PERF_EVENT, object);
        assertEquals("addr", sample.fields().getLast().name());
        assertEquals(0, sample.size() % 8);
    }

    /** Every register lies within its structure, and so do arguments, result and ip. */
    @Test
    void registersAreWithinTheirStructures() {
        for (Architecture row : Architecture.values()) {
            for (Architecture.Register register : row.registers()) {
                int end = register.offset() + row.word() * Math.max(1, register.count());
                assertTrue(end <= row.size(), row + " " + register);
            }
            for (int i = 0; i < row.arguments(); i++) {
                assertTrue(row.argument(i) + row.word() <= row.size(), row::toString);
            }
            assertTrue(row.result() + row.word() <= row.size(), row::toString);
            assertTrue(row.instruction() + row.word() <= row.size(), row::toString);
        }
    }
}
