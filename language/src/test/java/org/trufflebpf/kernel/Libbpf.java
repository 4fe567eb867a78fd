package org.trufflebpf.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;

/**
 * The functions of the system's libbpf that the oracle uses, looked up by name when first called.
 *
 * <p>libbpf's messages are collected instead of printed, see {@link #takeLog}. The library's file
 * name can be replaced by the system property {@code libbpf}, to compare with another version.
 */
@SuppressWarnings("restricted")
final class Libbpf {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout()
                    .varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<StringBuilder> LOG =
            ThreadLocal.withInitial(StringBuilder::new);

    private static Libbpf instance;

    private final SymbolLookup symbols;
    private final MethodHandle vsnprintf;
    private final Map<String, MethodHandle> handles = new HashMap<>();

    private Libbpf() {
        symbols =
                SymbolLookup.libraryLookup(
                        System.getProperty("libbpf", "libbpf.so.1"), Arena.global());
        vsnprintf =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().find("vsnprintf").orElseThrow(),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS));
    }

    /** The library; throws {@link IllegalArgumentException} where it is not installed. */
    static synchronized Libbpf get() {
        if (instance == null) {
            Libbpf library = new Libbpf();
            library.redirectLog();
            instance = library;
        }
        return instance;
    }

    /** The library's version, e.g. {@code v1.1}. */
    String version() {
        return string("libbpf_version_string");
    }

    static boolean isInstalled() {
        try {
            get();
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The messages of this thread since the last call. */
    static String takeLog() {
        StringBuilder log = LOG.get();
        String text = log.toString();
        log.setLength(0);
        return text;
    }

    private void redirectLog() {
        try {
            MethodHandle print =
                    MethodHandles.lookup()
                            .findVirtual(
                                    Libbpf.class,
                                    "print",
                                    MethodType.methodType(
                                            int.class,
                                            int.class,
                                            MemorySegment.class,
                                            MemorySegment.class))
                            .bindTo(this);
            MemorySegment stub =
                    LINKER.upcallStub(
                            print,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS),
                            Arena.global());
            pointer("libbpf_set_print", stub);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code libbpf_print_fn_t}: level 0 warn, 1 info, 2 debug; the arguments are a C va_list. */
    @SuppressWarnings("UnusedMethod") // called by libbpf
    private int print(int level, MemorySegment format, MemorySegment arguments) {
        if (level > 1) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            // A verifier log is as long as the verifier likes.
            boolean log = format.reinterpret(4096).getString(0).contains(" LOG ");
            MemorySegment text = arena.allocate(log ? 1 << 23 : 1 << 12);
            int length = (int) vsnprintf.invokeExact(text, text.byteSize(), format, arguments);
            LOG.get().append(text.getString(0));
            return length;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Calls a function that returns an int. */
    int integer(String function, Object... arguments) {
        return (int) call(function, ValueLayout.JAVA_INT, arguments);
    }

    /** Calls a function that returns a long. */
    long longInteger(String function, Object... arguments) {
        return call(function, ValueLayout.JAVA_LONG, arguments);
    }

    /**
     * Calls a function that returns a pointer; null is an error with errno, if {@code required}.
     */
    MemorySegment pointer(String function, Object... arguments) {
        return MemorySegment.ofAddress(call(function, ValueLayout.JAVA_LONG, arguments));
    }

    /** Calls a function that returns a C string, null for NULL. */
    String string(String function, Object... arguments) {
        MemorySegment text = pointer(function, arguments);
        return text.address() == 0 ? null : text.reinterpret(4096).getString(0);
    }

    /** The errno of a pointer-returning function that gave NULL. */
    static int lastErrno() {
        return errno.get();
    }

    private static final ThreadLocal<Integer> errno = ThreadLocal.withInitial(() -> 0);

    private synchronized MethodHandle handle(
            String function, MemoryLayout result, Object[] arguments) {
        return handles.computeIfAbsent(
                function,
                name -> {
                    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
                    for (int i = 0; i < arguments.length; i++) {
                        layouts[i] =
                                switch (arguments[i]) {
                                    case Integer _ -> ValueLayout.JAVA_INT;
                                    case Boolean _ -> ValueLayout.JAVA_BOOLEAN;
                                    case MemorySegment _ -> ValueLayout.ADDRESS;
                                    default -> throw new IllegalArgumentException(name);
                                };
                    }
                    return LINKER.downcallHandle(
                            symbols.find(name).orElseThrow(),
                            FunctionDescriptor.of(result, layouts),
                            Linker.Option.captureCallState("errno"));
                });
    }

    private long call(String function, MemoryLayout result, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            Object[] all = new Object[arguments.length + 1];
            all[0] = state;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            Object value = handle(function, result, arguments).invokeWithArguments(all);
            errno.set((int) ERRNO.get(state, 0L));
            return ((Number) value).longValue();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
