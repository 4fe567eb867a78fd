package org.trufflebpf.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

import javax.tools.ToolProvider;

/** A class of {@code build-tools} that makes other classes of classes. */
final class BuildTool {
    private final Method rewrite;

    /** Compiles a tool into a directory of the test's. */
    BuildTool(String name, Path directory) throws ReflectiveOperationException, IOException {
        compile(directory, directory, Path.of("../build-tools", name + ".java"));
        ClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()});
        rewrite = loader.loadClass(name).getDeclaredMethod("of", ClassFile.class, byte[].class);
        rewrite.setAccessible(true);
    }

    byte[] rewritten(byte[] bytes) throws Exception {
        try {
            return (byte[]) rewrite.invoke(null, ClassFile.of(), bytes);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Compiles a source that needs the classes on a path. */
    static void compile(Path path, Path directory, Path source) {
        int status =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-cp",
                                path.toString(),
                                "-d",
                                directory.toString(),
                                source.toString());
        assertEquals(0, status, "javac");
    }
}
