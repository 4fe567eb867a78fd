package org.trufflebpf.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * The C library's {@code syscall} with its errno, for the system calls that the kernel oracle
 * makes.
 *
 * <p>Invariant: on failure the result is the negated errno, as inside the kernel.
 */
@SuppressWarnings("restricted")
final class NativeCalls {
    private static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");

    static final int BPF = AARCH64 ? 280 : 321;
    static final int PERF_EVENT_OPEN = AARCH64 ? 241 : 298;
    static final int SCHED_SETAFFINITY = AARCH64 ? 122 : 203;
    static final int SCHED_GETAFFINITY = AARCH64 ? 123 : 204;
    static final int GETTID = AARCH64 ? 178 : 186;
    static final int OPENAT = AARCH64 ? 56 : 257;
    static final int CLOSE = AARCH64 ? 57 : 3;
    static final int MMAP = AARCH64 ? 222 : 9;
    static final int MUNMAP = AARCH64 ? 215 : 11;
    static final int IOCTL = AARCH64 ? 29 : 16;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = syscallHandle();

    private NativeCalls() {}

    private static MethodHandle syscallHandle() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find("syscall").orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    /** Makes a system call with up to six arguments; addresses are passed as longs. */
    static long syscall(int number, long... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            long[] a = new long[6];
            System.arraycopy(arguments, 0, a, 0, arguments.length);
            long result =
                    (long)
                            SYSCALL.invokeExact(
                                    state, (long) number, a[0], a[1], a[2], a[3], a[4], a[5]);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Maps {@code length} bytes of a file descriptor, shared. */
    static MemorySegment mmap(int fd, long offset, long length, boolean writable) {
        int protection = writable ? 3 : 1;
        long address = syscall(MMAP, 0, length, protection, 1, fd, offset);
        if (address < 0 && address > -4096) {
            throw new KernelBpfException("mmap of " + length + " bytes", (int) -address, "");
        }
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    static void munmap(MemorySegment mapping) {
        syscall(MUNMAP, mapping.address(), mapping.byteSize());
    }

    /**
     * Binds the calling thread to one CPU, returns the previous mask for {@link #restoreAffinity}.
     */
    static long[] pinToCpu(int cpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(128, 8);
            syscall(SCHED_GETAFFINITY, 0, mask.byteSize(), mask.address());
            long[] before = mask.toArray(ValueLayout.JAVA_LONG);
            mask.fill((byte) 0);
            mask.setAtIndex(ValueLayout.JAVA_LONG, cpu / 64, 1L << (cpu % 64));
            syscall(SCHED_SETAFFINITY, 0, mask.byteSize(), mask.address());
            return before;
        }
    }

    static void restoreAffinity(long[] before) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, before);
            syscall(SCHED_SETAFFINITY, 0, mask.byteSize(), mask.address());
        }
    }

    /** Opens a directory; negated errno on failure. */
    static int openDirectory(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            return (int) syscall(OPENAT, -1, name, 0, 0);
        }
    }

    static int threadId() {
        return (int) syscall(GETTID);
    }
}
