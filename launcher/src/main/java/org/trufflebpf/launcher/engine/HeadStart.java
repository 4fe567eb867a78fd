package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Engine;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * What every run needs of Truffle, begun in threads of their own while the command line is read.
 * Half of the time of a short run goes there: the engine's classes set themselves up, and for each
 * type of annotation that they ask for the JVM makes a class. Nobody waits for these threads, other
 * than by needing what one of them is just making; a run without them comes to the same.
 */
public final class HeadStart {
    /** The annotations that Truffle asks classes, fields and methods for, in that order. */
    static final List<String> ANNOTATIONS =
            List.of(
                    "java.lang.annotation.Retention",
                    "com.oracle.truffle.api.library.GenerateLibrary",
                    "com.oracle.truffle.api.InternalResource$Id",
                    "com.oracle.truffle.api.CompilerDirectives$TruffleBoundary",
                    "com.oracle.truffle.runtime.TruffleCallBoundary",
                    "com.oracle.truffle.api.nodes.ExplodeLoop",
                    "java.lang.annotation.Target",
                    "java.lang.annotation.Repeatable",
                    "jdk.internal.ValueBased",
                    "com.oracle.truffle.api.library.ExportLibrary",
                    "com.oracle.truffle.api.dsl.GeneratedBy",
                    "com.oracle.truffle.api.TruffleLanguage$Registration",
                    "com.oracle.truffle.api.instrumentation.TruffleInstrument$Registration",
                    "com.oracle.truffle.api.CompilerDirectives$CompilationFinal",
                    "com.oracle.truffle.api.nodes.Node$Child",
                    "com.oracle.truffle.api.nodes.DenyReplace",
                    "com.oracle.truffle.api.nodes.Node$Children",
                    "java.lang.annotation.Inherited",
                    "com.oracle.truffle.api.nodes.NodeInfo");

    /** The nodes by which a host asks a guest's value, all of which are made for the first. */
    static final String NODES =
            "com.oracle.truffle.polyglot.PolyglotValueDispatchFactory$InteropValueFactory";

    /** Begins; in an image all of this was done when it was built. */
    public static void begin() {
        if (System.getProperty("org.graalvm.nativeimage.imagecode") == null) {
            Session.useAttachLibrary();
            start("engine", Engine::findHome);
            start("annotations", HeadStart::makeAnnotations);
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "head start: " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void makeAnnotations() {
        try {
            for (String name : ANNOTATIONS) {
                Class<?> type = type(name);
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> null);
            }
            for (Class<?> node : type(NODES).getDeclaredClasses()) {
                read(node);
                for (Field field : node.getDeclaredFields()) {
                    read(field);
                }
            }
        } catch (ClassNotFoundException e) {
            // Another Truffle than the one whose classes these are: it does without.
        }
    }

    /** Has the JVM parse annotations, which it keeps with what they are of. */
    private static void read(AnnotatedElement element) {
        if (element.getAnnotations() == null) {
            throw new AssertionError(element);
        }
    }

    static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName(name, false, HeadStart.class.getClassLoader());
    }

    private HeadStart() {}
}
