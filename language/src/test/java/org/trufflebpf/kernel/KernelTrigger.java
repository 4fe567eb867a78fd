package org.trufflebpf.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes the kernel run a program at its hook: attaches it, and runs a shell command in a cgroup of
 * its own.
 */
final class KernelTrigger {
    /** Where cgroups of version 2 are mounted, alone or beside those of version 1. */
    private static final List<Path> MOUNTS =
            List.of(Path.of("/sys/fs/cgroup/unified"), Path.of("/sys/fs/cgroup"));

    private final KernelObject object;

    KernelTrigger(KernelObject object) {
        this.object = object;
    }

    private static Path mount() {
        return MOUNTS.stream()
                .filter(path -> Files.exists(path.resolve("cgroup.controllers")))
                .findFirst()
                .orElse(null);
    }

    static boolean isPossible() {
        return mount() != null && Files.isExecutable(Path.of("/usr/bin/perl"));
    }

    /** What is seen from outside: nothing but what the program left in its maps. */
    KernelBpf.TestRun run(FixtureCase fixture) {
        Path mount = mount();
        if (mount == null) {
            throw new IllegalArgumentException("no cgroup of version 2 is mounted");
        }
        try {
            Path cgroup = Files.createTempDirectory(mount, "trufflebpf-test-");
            int directory = NativeCalls.openDirectory(cgroup);
            try {
                object.attach(fixture.program(), directory);
                command("echo $$ > " + cgroup.resolve("cgroup.procs") + " && " + fixture.trigger());
            } finally {
                KernelBpf.close(directory);
                object.detach();
                Files.delete(cgroup);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new KernelBpf.TestRun(0, null, null, 0);
    }

    private static void command(String text) throws IOException {
        Process process =
                new ProcessBuilder("sh", "-c", text)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalArgumentException("status " + status + " of: " + text);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
