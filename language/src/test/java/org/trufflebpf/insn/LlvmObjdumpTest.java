package org.trufflebpf.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.insn.Disassembler.Cpu;

import java.io.File;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compares the text of all rows with what llvm-objdump 19 prints, where it is installed. */
class LlvmObjdumpTest {
    private static final String OBJDUMP = "llvm-objdump-19";
    private static final String ASSEMBLER = "llvm-mc-19";

    @ParameterizedTest
    @CsvSource({"bpfel, DEFAULT", "bpfel, V4", "bpfeb, DEFAULT", "bpfeb, V4"})
    void allRowsAsLlvmPrintsThem(String triple, Cpu cpu, @TempDir Path dir) throws Exception {
        assumeTrue(isInstalled(OBJDUMP), () -> OBJDUMP + " is not installed");
        assumeTrue(isInstalled(ASSEMBLER), () -> ASSEMBLER + " is not installed");
        ByteOrder order = triple.equals("bpfel") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        List<Insn> insns = Samples.all();
        List<String> expected = objdump(insns, order, triple, cpu, dir);
        List<String> actual =
                Listing.of(insns)
                        .withLabels(slot -> slot == 0 ? "f" : null)
                        .withOrder(order)
                        .withCpu(cpu)
                        .text()
                        .lines()
                        .toList();
        // both begin with an empty line and the symbol
        assertEquals(expected.subList(0, 2), actual.subList(0, 2));
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < insns.size(); i++) {
            String gap = gap(insns.get(i), cpu);
            if (gap == null) {
                assertEquals(expected.get(i + 2), actual.get(i + 2));
            } else {
                assertNotEquals(expected.get(i + 2), actual.get(i + 2), gap);
            }
        }
    }

    /**
     * What llvm-objdump 19 does not know or leaves out, so that our text differs on purpose; else
     * {@code null}.
     */
    private static String gap(Insn insn, Cpu cpu) {
        return switch (insn.opcode().kind()) {
            case LOAD_ACQUIRE, STORE_RELEASE -> "unknown or taken for xadd before LLVM 20";
            case ATOMIC ->
                    cpu == Cpu.DEFAULT && insn.opcode().bits() == 32 && insn.imm() != 0
                            ? "unknown or taken for xadd without ALU32"
                            : null;
            case LD_IND -> insn.imm() != 0 ? "the offset is lost" : null;
            case CALLX -> insn.isLegacyCallx() ? "the register of LLVM 18 is lost" : null;
            default -> null;
        };
    }

    private static List<String> objdump(
            List<Insn> insns, ByteOrder order, String triple, Cpu cpu, Path dir)
            throws IOException, InterruptedException {
        StringBuilder source = new StringBuilder(".text\n.globl f\nf:\n");
        for (byte b : InsnEncoder.encode(insns, order)) {
            source.append(".byte ").append(b & 0xff).append('\n');
        }
        Path assembly = Files.writeString(dir.resolve("rows.s"), source);
        Path object = dir.resolve("rows.o");
        run(
                dir,
                ASSEMBLER,
                "-triple",
                triple,
                "-filetype=obj",
                assembly.toString(),
                "-o",
                object.toString());
        List<String> command = new ArrayList<>(List.of(OBJDUMP, "-d", object.toString()));
        if (cpu == Cpu.V4) {
            command.add("--mcpu=v4");
        }
        List<String> lines = run(dir, command.toArray(String[]::new));
        int head = lines.indexOf("Disassembly of section .text:");
        return lines.subList(head + 1, lines.size());
    }

    private static List<String> run(Path dir, String... command)
            throws IOException, InterruptedException {
        Path out = dir.resolve("out");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        int status = process.waitFor();
        List<String> lines = Files.readAllLines(out, StandardCharsets.UTF_8);
        assertEquals(0, status, () -> String.join(" ", command) + "\n" + String.join("\n", lines));
        return lines;
    }

    private static boolean isInstalled(String tool) {
        for (String dir : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (!dir.isEmpty() && Files.isExecutable(Path.of(dir, tool))) {
                return true;
            }
        }
        return false;
    }
}
