package org.trufflebpf.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines that programs of the calling thread print with {@code bpf_trace_printk}, read from the
 * kernel's trace file between a marker and now. The file is not consumed or cleared.
 */
final class KernelTrace {
    private static final Path TRACEFS = Path.of("/sys/kernel/tracing");
    static final Path ENABLE = TRACEFS.resolve("events/bpf_trace/bpf_trace_printk/enable");
    private static final String PREFIX = ": bpf_trace_printk: ";

    private final String marker = "trufflebpf-" + System.nanoTime() + "-" + NativeCalls.threadId();

    /**
     * Switches the event on and sets the marker. The kernel switches it on too when it loads a
     * program that prints, but from a work queue: what the first program after the start of the
     * machine prints may come before. A write to the file is done when it returns, and also gives
     * the buffer its full size.
     */
    KernelTrace() {
        try {
            Files.writeString(ENABLE, "1\n", StandardOpenOption.WRITE);
            Files.writeString(
                    TRACEFS.resolve("trace_marker"), marker + "\n", StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isMounted() {
        return Files.isWritable(TRACEFS.resolve("trace_marker")) && Files.isWritable(ENABLE);
    }

    /**
     * The texts printed since the marker, each as the program printed it, without a final newline.
     */
    List<String> take() {
        try {
            List<String> texts = new ArrayList<>();
            boolean after = false;
            boolean ours = false;
            String thread = "-" + NativeCalls.threadId();
            String file = Files.readString(TRACEFS.resolve("trace"), StandardCharsets.ISO_8859_1);
            for (String line : file.split("\n", -1)) {
                boolean record = line.matches(" *.{1,16}-\\d+ +\\[\\d+\\] .{4,6} +\\d+\\.\\d+: .*");
                if (record && line.contains(marker)) {
                    after = true;
                } else if (after && record) {
                    ours =
                            line.contains(PREFIX)
                                    && line.substring(0, line.indexOf('['))
                                            .strip()
                                            .endsWith(thread);
                    if (ours) {
                        texts.add(line.substring(line.indexOf(PREFIX) + PREFIX.length()));
                    }
                } else if (after && ours && !line.isEmpty()) {
                    texts.set(texts.size() - 1, texts.getLast() + "\n" + line);
                }
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
