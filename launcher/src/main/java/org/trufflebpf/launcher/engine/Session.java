package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.io.IOAccess;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A context of the language: its maps and globals live as long as it does. Sessions on one engine
 * share parsed and compiled code for equal sources.
 */
public final class Session implements AutoCloseable {
    public static final String LANGUAGE = "ebpf";
    private static final String OBJECT_MIME_TYPE = "application/x-bpf";
    private static final String RAW_MIME_TYPE = "application/x-bpf-raw";

    /** The property that names the library, which Truffle then does not unpack. */
    private static final String ATTACH_LIBRARY = "truffle.attach.library";

    /** Guests read the buffers we hand them, and nothing else of the host. */
    private static final HostAccess BUFFERS_ONLY =
            HostAccess.newBuilder().allowBufferAccess(true).build();

    private final Context context;

    /**
     * @param options the language's options, such as {@code ebpf.Cpus}
     * @param out where the program's own output goes
     * @param err where instruction traces and warnings go
     */
    public Session(Engine engine, Map<String, String> options, OutputStream out, OutputStream err)
            throws EbpfRunException {
        try {
            context =
                    Context.newBuilder(LANGUAGE)
                            .engine(engine)
                            .allowExperimentalOptions(true)
                            .options(options)
                            .allowHostAccess(BUFFERS_ONLY)
                            .allowIO(IOAccess.ALL)
                            .out(out)
                            .err(err)
                            .build();
        } catch (IllegalArgumentException e) {
            throw EbpfRunException.usage(firstLine(e.getMessage()), e);
        }
    }

    /** An engine that compiles what runs hot and keeps quiet where it cannot. */
    public static Engine newEngine(OutputStream out, OutputStream err) {
        useAttachLibrary();
        return Engine.newBuilder(LANGUAGE)
                .option("engine.WarnInterpreterOnly", "false")
                .out(out)
                .err(err)
                .build();
    }

    /**
     * Tells Truffle where the runtime of our archive has the native library that Truffle would
     * unpack into the user's cache directory otherwise.
     */
    static void useAttachLibrary() {
        String home = System.getProperty("java.home");
        if (home != null && System.getProperty(ATTACH_LIBRARY) == null) {
            Path library = Path.of(home, "lib", System.mapLibraryName("truffleattach"));
            if (Files.exists(library)) {
                System.setProperty(ATTACH_LIBRARY, library.toString());
            }
        }
    }

    /** Whether programs are interpreted only, because this JVM lacks what the compiler needs. */
    public static boolean interpretsOnly(Engine engine) {
        return engine.getImplementationName().startsWith("Interpreted");
    }

    public static Source objectSource(byte[] bytes, String name) {
        return source(bytes, name, OBJECT_MIME_TYPE);
    }

    /** Instructions of 8 bytes each, little-endian, with nothing around them. */
    public static Source rawSource(byte[] bytes, String name) {
        return source(bytes, name, RAW_MIME_TYPE);
    }

    private static Source source(byte[] bytes, String name, String mimeType) {
        try {
            return Source.newBuilder(LANGUAGE, ByteSequence.create(bytes), name)
                    .mimeType(mimeType)
                    .build();
        } catch (IOException e) {
            throw new AssertionError("bytes in memory cannot fail to be read", e);
        }
    }

    /** Parses an object; nothing of it is loaded yet. */
    public BpfObject open(Source source) throws EbpfRunException {
        Value object = Failures.call(EbpfRunException.Phase.LOAD, () -> context.eval(source));
        return new BpfObject(object);
    }

    @Override
    public void close() {
        context.close(true);
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
