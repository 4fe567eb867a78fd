package org.trufflebpf.helper;

import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/** Helpers that print to the file of an iterator. */
final class SeqHelpers {
    private static final long OVERFLOW = Errno.EOVERFLOW.negative();

    private SeqHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "seq_printf",
                (run, file, format, size, data, length) -> printf(run, format, size, data, length));
        all.put(
                "seq_write",
                (run, file, data, size, r4, r5) ->
                        run.output().write(run.memory().read(data, (int) size)) ? 0 : OVERFLOW);
    }

    private static long printf(Run run, long format, long size, long data, long length) {
        byte[] text = PrintHelpers.terminated(run.memory(), format, size);
        if (text == null || !PrintHelpers.isArguments(data, length)) {
            return Errno.EINVAL.negative();
        }
        Printf printf = PrintHelpers.arguments(run, text, data, length);
        long error = printf.run();
        if (error != 0) {
            return error;
        }
        return run.output().write(printf.output()) ? 0 : OVERFLOW;
    }
}
