package org.trufflebpf.object;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The objects of the loader's tests; see {@code loader/build.sh} beside them. */
public final class LoaderResources {
    /** All committed objects. */
    public static final List<String> OBJECTS =
            List.of(
                    "core.o",
                    "core_be.o",
                    "core_target.o",
                    "kernel.o",
                    "externs.o",
                    "globals.o",
                    "globals_be.o",
                    "maps.o",
                    "maps_be.o",
                    "nobtf_elfmap.o",
                    "nobtf_legacy.o",
                    "sections.o",
                    "struct_ops.o",
                    "text_only.o");

    private LoaderResources() {}

    public static byte[] read(String name) {
        try (InputStream in = LoaderResources.class.getResourceAsStream("/loader/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no test resource loader/" + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
