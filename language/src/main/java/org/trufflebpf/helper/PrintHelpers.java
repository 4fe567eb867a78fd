package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.runtime.StreamText;
import org.trufflebpf.uapi.Errno;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Helpers that print. */
final class PrintHelpers {
    private static final long INVALID = Errno.EINVAL.negative();

    /** Characters of one line of trace output, its NUL included ({@code MAX_BPRINTF_BUF}). */
    private static final int LINE = 1024;

    // streams of a program
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private PrintHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("trace_printk", PrintHelpers::printk);
        all.put("trace_vprintk", PrintHelpers::vprintk);
        all.put("snprintf", PrintHelpers::snprintf);
    }

    static void addKfuncsTo(Map<String, HelperFunction> all) {
        all.put(
                "stream_vprintk_impl",
                (run, stream, format, data, size, r5) ->
                        toStream(run, (int) stream, format, data, size & 0xffff_ffffL));
    }

    /** The kernel's buffer is that of a line of trace output: what is longer is cut. */
    private static long toStream(Run run, int id, long format, long data, long size) {
        StreamText stream =
                switch (id) {
                    case STDOUT -> run.stdout();
                    case STDERR -> run.stderr();
                    default -> null;
                };
        if (stream == null) {
            return Errno.ENOENT.negative();
        }
        if (!isArguments(data, size)) {
            return INVALID;
        }
        byte[] text = terminated(run.memory(), format, Integer.MAX_VALUE);
        Printf printf = arguments(run, text, data, size);
        long error = printf.run();
        if (error != 0) {
            return error;
        }
        byte[] output = printf.output();
        byte[] cut = Arrays.copyOf(output, Math.min(output.length, LINE - 1));
        return stream.write(cut) ? 0 : Errno.ENOSPC.negative();
    }

    private static long printk(Run run, long format, long size, long r3, long r4, long r5) {
        byte[] text = terminated(run.memory(), format, size);
        if (text == null) {
            return INVALID;
        }
        return print(run, new Printf(run, text, i -> i == 0 ? r3 : i == 1 ? r4 : r5, 3));
    }

    private static long vprintk(
            Run run, long format, long size, long data, long dataSize, long r5) {
        byte[] text = terminated(run.memory(), format, size);
        if (text == null || !isArguments(data, dataSize)) {
            return INVALID;
        }
        return print(run, arguments(run, text, data, dataSize));
    }

    private static long print(Run run, Printf printf) {
        long error = printf.run();
        if (error != 0) {
            return error;
        }
        byte[] output = printf.output();
        run.print(line(output));
        return output.length;
    }

    /**
     * What the trace file shows of an output: cut, up to a NUL, and without a newline at its end.
     */
    private static String line(byte[] output) {
        int length = 0;
        while (length < Math.min(output.length, LINE - 1) && output[length] != 0) {
            length++;
        }
        if (length > 0 && output[length - 1] == '\n') {
            length--;
        }
        return text(output, length);
    }

    /** UTF-8 where it is that, else one character for each byte. */
    private static String text(byte[] output, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(output, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(output, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    private static long snprintf(
            Run run, long buffer, long size, long format, long data, long dataSize) {
        if (!isArguments(data, dataSize)) {
            return INVALID;
        }
        byte[] text = terminated(run.memory(), format, Integer.MAX_VALUE);
        Printf printf = arguments(run, text, data, dataSize);
        printf.limit(size);
        long error = printf.run();
        if (error != 0) {
            return error;
        }
        byte[] output = printf.output();
        if (size > 0) {
            int length = (int) Math.min(output.length, size - 1);
            run.memory().write(buffer, output, 0, length);
            run.memory().putByte(buffer + length, (byte) 0);
        }
        return output.length + 1L;
    }

    static boolean isArguments(long data, long size) {
        return (size & 7) == 0 && size <= Printf.MAX_ARGS * 8 && (size == 0 || data != 0);
    }

    static Printf arguments(Run run, byte[] text, long data, long size) {
        Memory memory = run.memory();
        return new Printf(run, text, i -> memory.getLong(data + 8 * i), (int) (size / 8));
    }

    /**
     * The text of a string without its NUL, or {@code null} if there is none within {@code size}.
     */
    static byte[] terminated(Memory memory, long address, long size) {
        byte[] text = new byte[64];
        for (int length = 0; length < size; length++) {
            byte character = memory.getByte(address + length);
            if (character == 0) {
                return Arrays.copyOf(text, length);
            }
            if (length == text.length) {
                text = Arrays.copyOf(text, 2 * length);
            }
            text[length] = character;
        }
        return null;
    }
}
