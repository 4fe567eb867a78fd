package org.trufflebpf.polyglot;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Contexts with all languages, and the objects that tests open in them. */
final class Polyglot {
    /** The project's directory; Maven runs the tests of a module in the module's. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Polyglot() {}

    /** A context in which every language may use every other, and the host's objects. */
    static Context.Builder context() {
        return Context.newBuilder("ebpf", "js", "python", "wasm")
                .allowExperimentalOptions(true)
                .option("js.foreign-object-prototype", "true")
                .allowAllAccess(true)
                .allowHostAccess(HostAccess.ALL);
    }

    /** The bytes of an object file, by its path from the project's directory. */
    static Source source(String object) {
        Path path = ROOT.resolve(object);
        try {
            return Source.newBuilder(
                            "ebpf",
                            ByteSequence.create(Files.readAllBytes(path)),
                            path.getFileName().toString())
                    .mimeType("application/x-bpf")
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens the object {@code types.o} of these tests, which has values and maps of all kinds. */
    static Value types(Context context) {
        return context.eval(source("polyglot-tests/src/test/objects/types.o"));
    }

    /** Opens an example's object, which is under {@code examples}. */
    static Value example(Context context, String name) {
        return context.eval(source("examples/" + name + ".o"));
    }
}
