package org.trufflebpf.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** The user side of a ring buffer or perf event array: collects what one CPU's programs emitted. */
public abstract sealed class KernelEvents implements AutoCloseable {
    private static final int MAP_TYPE_PERF_EVENT_ARRAY = 4;
    private static final int PAGE = 4096;

    /** Opens the buffer of a map; must be called before the program runs. */
    public static KernelEvents open(int mapFd, int cpu) {
        KernelBpf.MapInfo info = KernelBpf.mapInfo(mapFd);
        return info.type() == MAP_TYPE_PERF_EVENT_ARRAY
                ? new Perf(mapFd, cpu)
                : new Ring(mapFd, info.maxEntries());
    }

    /** The records since the last call. */
    public abstract List<byte[]> take();

    /** Drops the records since the last call. */
    public abstract void skip();

    @Override
    public abstract void close();

    /** {@code BPF_MAP_TYPE_RINGBUF}: consumer page, producer page, data mapped twice. */
    private static final class Ring extends KernelEvents {
        private static final int BUSY = 1 << 31;
        private static final int DISCARD = 1 << 30;
        private static final int HEADER = 8;

        private final MemorySegment consumer;
        private final MemorySegment producer;
        private final long size;

        Ring(int fd, int size) {
            this.size = size;
            consumer = NativeCalls.mmap(fd, 0, PAGE, true);
            producer = NativeCalls.mmap(fd, PAGE, PAGE + 2L * size, false);
        }

        @Override
        public List<byte[]> take() {
            List<byte[]> records = new ArrayList<>();
            long position = consumer.get(ValueLayout.JAVA_LONG, 0);
            long end = producer.get(ValueLayout.JAVA_LONG, 0);
            while (position < end) {
                long at = PAGE + (position & size - 1);
                int length = producer.get(ValueLayout.JAVA_INT, at);
                if ((length & BUSY) != 0) {
                    break;
                }
                int bytes = length & ~DISCARD;
                if ((length & DISCARD) == 0) {
                    records.add(
                            producer.asSlice(at + HEADER, bytes).toArray(ValueLayout.JAVA_BYTE));
                }
                position += HEADER + bytes + 7 & ~7L;
            }
            consumer.set(ValueLayout.JAVA_LONG, 0, position);
            return records;
        }

        @Override
        public void skip() {
            consumer.set(ValueLayout.JAVA_LONG, 0, producer.get(ValueLayout.JAVA_LONG, 0));
        }

        @Override
        public void close() {
            NativeCalls.munmap(consumer);
            NativeCalls.munmap(producer);
        }
    }

    /** One software perf event on one CPU, put into the map at that CPU's index. */
    private static final class Perf extends KernelEvents {
        private static final int PAGES = 64;
        private static final int RECORD_SAMPLE = 9;

        private final int fd;
        private final MemorySegment ring;
        private long position;

        Perf(int mapFd, int cpu) {
            try (Arena arena = Arena.ofConfined()) {
                // struct perf_event_attr: a software event (1), PERF_COUNT_SW_BPF_OUTPUT (10), raw
                // samples
                MemorySegment attr = arena.allocate(112, 8);
                attr.set(ValueLayout.JAVA_INT, 0, 1);
                attr.set(ValueLayout.JAVA_INT, 4, (int) attr.byteSize());
                attr.set(ValueLayout.JAVA_LONG, 8, 10);
                attr.set(ValueLayout.JAVA_LONG, 16, 1);
                attr.set(ValueLayout.JAVA_LONG, 24, 1 << 10);
                long result =
                        NativeCalls.syscall(
                                NativeCalls.PERF_EVENT_OPEN, attr.address(), -1, cpu, -1, 8);
                if (result < 0) {
                    throw new KernelBpfException("perf_event_open", (int) -result, "");
                }
                fd = (int) result;
            }
            ring = NativeCalls.mmap(fd, 0, (1 + PAGES) * (long) PAGE, true);
            NativeCalls.syscall(NativeCalls.IOCTL, fd, 0x2400, 0);
            KernelBpf.mapUpdate(mapFd, bytes(cpu), bytes(fd), 0);
        }

        private static byte[] bytes(int value) {
            return MemorySegment.ofArray(new int[] {value}).toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public List<byte[]> take() {
            List<byte[]> records = new ArrayList<>();
            long end = ring.get(ValueLayout.JAVA_LONG, 1024);
            while (position < end) {
                int type = (int) word(position, 4);
                int size = (int) (word(position, 8) >>> 48);
                if (type == RECORD_SAMPLE) {
                    byte[] raw = new byte[(int) word(position + 8, 4)];
                    for (int i = 0; i < raw.length; i++) {
                        raw[i] = ring.get(ValueLayout.JAVA_BYTE, address(position + 12 + i));
                    }
                    records.add(raw);
                }
                position += size;
            }
            ring.set(ValueLayout.JAVA_LONG, 1032, position);
            return records;
        }

        @Override
        public void skip() {
            position = ring.get(ValueLayout.JAVA_LONG, 1024);
            ring.set(ValueLayout.JAVA_LONG, 1032, position);
        }

        private long word(long at, int size) {
            return size == 4
                    ? ring.get(ValueLayout.JAVA_INT, address(at))
                    : ring.get(ValueLayout.JAVA_LONG, address(at));
        }

        private static long address(long at) {
            return PAGE + at % (PAGES * PAGE);
        }

        @Override
        public void close() {
            NativeCalls.munmap(ring);
            KernelBpf.close(fd);
        }
    }
}
