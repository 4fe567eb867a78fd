package org.trufflebpf.relo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.object.LoaderResources;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * CO-RE against the running kernel: the same instructions are patched as by bpftool, and the kernel
 * takes them.
 */
@Timeout(120)
class KernelCoreParityTest {
    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");
    private static final Path BPFFS = Path.of("/sys/fs/bpf");

    @TempDir Path directory;

    private record Run(int status, List<String> lines) {}

    private Run run(String... command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        int status = process.waitFor();
        return new Run(status, Files.readAllLines(output, StandardCharsets.ISO_8859_1));
    }

    private static boolean hasBpftool() {
        return List.of(
                        "/usr/sbin/bpftool",
                        "/usr/bin/bpftool",
                        "/usr/local/sbin/bpftool",
                        "/sbin/bpftool")
                .stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path)));
    }

    @Test
    void patchesAsBpftoolDoesOnThisKernel() throws IOException, InterruptedException {
        assumeTrue(Files.isReadable(VMLINUX), "no /sys/kernel/btf/vmlinux");
        assumeTrue(hasBpftool(), "no bpftool");
        assumeTrue(
                Files.isWritable(BPFFS)
                        && Files.getFileStore(BPFFS).type().equals("bpf")
                        && run("bpftool", "prog", "list").status == 0,
                "bpf() is not permitted or bpffs is not mounted");
        Path file = directory.resolve("kernel.o");
        Files.write(file, LoaderResources.read("kernel.o"));
        Path pins = BPFFS.resolve("trufflebpf_loader_" + ProcessHandle.current().pid());
        Run loaded;
        try {
            loaded = run("bpftool", "-d", "prog", "loadall", file.toString(), pins.toString());
        } finally {
            for (String name : List.of("fields", "typed", "types")) {
                Files.deleteIfExists(pins.resolve(name));
            }
            Files.deleteIfExists(pins);
        }
        assertEquals(0, loaded.status, String.join("\n", loaded.lines));
        List<String> expected =
                loaded.lines.stream()
                        .filter(
                                line ->
                                        line.matches(
                                                ".*prog '.*': relo #[0-9]+:"
                                                        + " (<|patched|substituting).*"))
                        .filter(line -> !line.contains("candidate"))
                        .map(line -> line.replaceFirst(".*(prog '.*': )relo #[0-9]+: ", "$1"))
                        .sorted()
                        .toList();
        assertTrue(expected.size() > 50, String.join("\n", loaded.lines));

        ObjectSpec object = ObjectReader.read("kernel.o", LoaderResources.read("kernel.o"));
        TargetBtf kernel = TargetBtf.of(Btf.parse("vmlinux", Files.readAllBytes(VMLINUX)));
        List<String> actual = CoreGoldenTest.describe(object, kernel).stream().sorted().toList();
        assertEquals(String.join("\n", expected), String.join("\n", actual));
    }
}
