package org.trufflebpf;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.relo.Kconfig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * What the machine's files tell of the kernel that programs are loaded for; each is read when it is
 * first asked for.
 */
final class KernelFiles {
    private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
    private static final Path CONFIG = Path.of("/proc/config.gz");

    /**
     * {@code LINUX_KERNEL_VERSION} where the system is not Linux: the kernel that this project
     * follows.
     */
    private static final int REFERENCE_VERSION = Kconfig.version(6, 18, 0);

    private KernelFiles() {}

    /** The BTF at the user's path, else the running kernel's, else {@code null}. */
    static Btf btf(String path) {
        if (path.isEmpty()) {
            return Files.isReadable(BTF) ? readBtf(BTF) : null;
        }
        return readBtf(Path.of(path));
    }

    private static Btf readBtf(Path path) {
        try {
            return Btf.parse(path.toString(), Files.readAllBytes(path));
        } catch (IOException e) {
            throw BpfException.usage("cannot read the BTF file " + path + ": " + e.getMessage());
        }
    }

    /**
     * {@code CONFIG_*} of the file at the user's path, then of the running kernel where it tells
     * them.
     */
    static Map<String, String> config(String path) {
        Map<String, String> values = new HashMap<>(runningConfig());
        if (!path.isEmpty()) {
            try {
                values.putAll(Kconfig.parse(Files.readString(Path.of(path))));
            } catch (IOException e) {
                throw BpfException.usage(
                        "cannot read the kernel configuration " + path + ": " + e.getMessage());
            }
        }
        return values;
    }

    private static Map<String, String> runningConfig() {
        for (Path path :
                List.of(CONFIG, Path.of("/boot/config-" + System.getProperty("os.version")))) {
            if (Files.isReadable(path)) {
                try (InputStream file = Files.newInputStream(path);
                        InputStream text = path.equals(CONFIG) ? new GZIPInputStream(file) : file) {
                    return Kconfig.parse(new String(text.readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw BpfException.usage(
                            "cannot read the kernel's configuration "
                                    + path
                                    + ": "
                                    + e.getMessage());
                }
            }
        }
        return Map.of();
    }

    /** {@code LINUX_KERNEL_VERSION} of the running kernel. */
    static int version() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return REFERENCE_VERSION;
        }
        int[] parts = new int[3];
        int part = 0;
        for (char c : System.getProperty("os.version").toCharArray()) {
            if (c >= '0' && c <= '9') {
                parts[part] = Math.min(parts[part] * 10 + (c - '0'), 65535);
            } else if (c != '.' || ++part == 3) {
                break;
            }
        }
        return Kconfig.version(parts[0], parts[1], parts[2]);
    }
}
