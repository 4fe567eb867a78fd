package org.trufflebpf.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the distribution does to the task that sets Truffle's compiler up,
 * build-tools/LateCompiler.java: it waits for work, and then does what it did.
 */
class LateCompilerTest {
    private static final String PACKAGE = "com.oracle.truffle.runtime.";
    private static final String RUNTIME = PACKAGE + "hotspot.HotSpotTruffleRuntime";
    private static final String TASK = RUNTIME + "$1";

    /** A runtime of the shape that Truffle's has. */
    private static final List<String> STAND_INS =
            List.of(
                    "package com.oracle.truffle.runtime; public class CompilationTask {}",
                    """
                    package com.oracle.truffle.runtime;
                    public class BackgroundCompileQueue {
                        public volatile int size;
                        public int getQueueSize() { return size; }
                    }
                    """,
                    """
                    package com.oracle.truffle.runtime.hotspot;
                    import com.oracle.truffle.runtime.*;
                    public class HotSpotTruffleRuntime {
                        public final BackgroundCompileQueue queue = new BackgroundCompileQueue();
                        public volatile boolean truffleCompilerInitialized;
                        public volatile int setUps;
                        public BackgroundCompileQueue getCompileQueue() { return queue; }
                        public final java.util.function.Consumer<CompilationTask> task =
                                new java.util.function.Consumer<>() {
                                    @Override public void accept(CompilationTask task) {
                                        setUps++;
                                    }
                                };
                    }
                    """);

    private static final List<String> NAMES =
            List.of("CompilationTask", "BackgroundCompileQueue", "HotSpotTruffleRuntime");

    @TempDir private Path directory;
    private BuildTool tool;
    private Object runtime;

    @BeforeEach
    void makeARuntime() throws Exception {
        tool = new BuildTool("LateCompiler", directory);
        Path sources = Files.createDirectory(directory.resolve("sources"));
        Path classes = Files.createDirectory(directory.resolve("classes"));
        for (int i = 0; i < NAMES.size(); i++) {
            Path source = sources.resolve(NAMES.get(i) + ".java");
            Files.writeString(source, STAND_INS.get(i));
            BuildTool.compile(classes, classes, source);
        }
        Path task = classes.resolve(TASK.replace('.', '/') + ".class");
        Files.write(task, tool.rewritten(Files.readAllBytes(task)));
        ClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, null);
        runtime = loader.loadClass(RUNTIME).getConstructor().newInstance();
    }

    @Test
    @Timeout(60)
    void beginsWhenSomethingIsToBeCompiled() throws Exception {
        Thread thread = setUp();
        thread.join(200);
        assertTrue(thread.isAlive(), "it did not wait");
        assertEquals(0, field(runtime, "setUps").get(runtime));
        Object queue = field(runtime, "queue").get(runtime);
        field(queue, "size").set(queue, 1);
        thread.join();
        assertEquals(1, field(runtime, "setUps").get(runtime));
    }

    @Test
    @Timeout(60)
    void endsTheWaitWhenTheCompilerIsThere() throws Exception {
        field(runtime, "truffleCompilerInitialized").set(runtime, true);
        setUp().join();
        assertEquals(1, field(runtime, "setUps").get(runtime));
    }

    @Test
    @Timeout(60)
    void doesNotWaitForEver() throws Exception {
        setUp().join();
        assertEquals(1, field(runtime, "setUps").get(runtime));
    }

    @Test
    void fitsTheTruffleThatIsUsed() throws Exception {
        byte[] bytes = tool.rewritten(bytes(TASK));
        assertEquals(List.of(), ClassFile.of().verify(bytes));
    }

    @Test
    void refusesAnotherClass() throws Exception {
        byte[] other = bytes(getClass().getName());
        assertThrows(IllegalStateException.class, () -> tool.rewritten(other));
    }

    private Thread setUp() throws ReflectiveOperationException {
        @SuppressWarnings("unchecked")
        Consumer<Object> task = (Consumer<Object>) field(runtime, "task").get(runtime);
        return Thread.ofPlatform().start(() -> task.accept(null));
    }

    private static Field field(Object of, String name) throws ReflectiveOperationException {
        return of.getClass().getField(name);
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in =
                ClassLoader.getSystemResourceAsStream(name.replace('.', '/') + ".class")) {
            return in.readAllBytes();
        }
    }
}
