package org.trufflebpf.launcher;

import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.Session;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Many cases in one process: a JSON object per line in, one per line out, in the same order. Each
 * case has a context and so maps of its own; parsed and compiled code is shared between the cases
 * of one object.
 */
final class Batch {
    /** Objects whose code is kept; a batch goes through its objects one after the other. */
    private static final int KEPT_OBJECTS = 16;

    private final Engine engine;
    private final Io io;
    private final RunRequest defaults;
    private final boolean debug;
    private final Map<String, Kept> objects = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<String> told = new HashSet<>();

    /** An object as it was read last. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Kept(byte[] bytes, Source source) {}

    Batch(Engine engine, Io io, RunRequest defaults, boolean debug) {
        this.engine = engine;
        this.io = io;
        this.defaults = defaults;
        this.debug = debug;
    }

    void run(InputStream lines) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        boolean tooLong = false;
        int count;
        while ((count = lines.read(buffer)) >= 0) {
            int start = 0;
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    tooLong |= !append(line, buffer, start, i);
                    runLine(line, tooLong);
                    line.reset();
                    tooLong = false;
                    start = i + 1;
                }
            }
            tooLong |= !append(line, buffer, start, count);
        }
        runLine(line, tooLong);
    }

    /**
     * Returns whether the line is still short enough; one that is not is read to its end but not
     * kept.
     */
    private static boolean append(ByteArrayOutputStream line, byte[] buffer, int start, int end) {
        if (line.size() + (end - start) > BatchCase.MAX_LINE) {
            line.reset();
            return false;
        }
        line.write(buffer, start, end - start);
        return true;
    }

    private void runLine(ByteArrayOutputStream line, boolean tooLong) throws IOException {
        byte[] bytes = line.toByteArray();
        if (tooLong) {
            answer(
                    null,
                    EbpfRunException.usage(
                            "the line is longer than " + BatchCase.MAX_LINE + " bytes"));
        } else if (!isBlank(bytes)) {
            BatchCase parsed = BatchCase.parse(bytes, bytes.length);
            for (String field : parsed.unknownFields()) {
                if (told.size() < 100 && told.add(field)) {
                    io.say(
                            "ebpf-run: warning: --batch: field '"
                                    + field
                                    + "' is not known and has no effect");
                }
            }
            runCase(parsed);
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    private void runCase(BatchCase parsed) throws IOException {
        try {
            RunRequest request = parsed.request(defaults);
            Source source = source(request.object());
            try (Session session = new Session(engine, request.language(), io.err(), io.err())) {
                Answer answer =
                        request.verifyOnly()
                                ? Verification.of(session, source, request)
                                : Outcome.of(session, source, request);
                try (JsonReport report = new JsonReport(io.out())) {
                    report.start(parsed.id());
                    answer.write(report, request);
                    report.end();
                }
            }
        } catch (EbpfRunException e) {
            answer(parsed.id(), e);
        } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
            // A mistake of ours, or too little memory: it ends this case, not those that follow.
            answer(parsed.id(), EbpfRun.bug(e));
        }
        io.out().flush();
    }

    private void answer(String id, EbpfRunException error) throws IOException {
        if (debug) {
            error.printStackTrace(io.err());
        }
        try (JsonReport report = new JsonReport(io.out())) {
            report.start(id == null ? "null" : id);
            report.error(error);
            report.end();
        }
        io.out().flush();
    }

    /**
     * The file is read again for each case, as it may have changed; its source stays the same while
     * its bytes do.
     */
    private Source source(String name) throws EbpfRunException {
        byte[] bytes = InputFiles.object(name);
        Kept kept = objects.get(name);
        if (kept == null || !Arrays.equals(kept.bytes, bytes)) {
            kept = new Kept(bytes, Session.objectSource(bytes, name));
            objects.put(name, kept);
            if (objects.size() > KEPT_OBJECTS) {
                objects.remove(objects.keySet().iterator().next());
            }
        }
        return kept.source;
    }
}
