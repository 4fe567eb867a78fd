package org.trufflebpf.map;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * The simulated kernel objects that maps refer to: sockets, tasks, cgroups, inodes. What an object
 * looks like, its maker knows; here it is a guest address with a kind and a lifetime. User space,
 * which names objects to the kernel by file descriptors, names them here by that address, which has
 * 32 bits. Thread-safe.
 */
public final class KernelObjects {
    /** The interface that every machine has ({@code lo}). */
    public static final int LOOPBACK = 1;

    /** What an object is. */
    public enum Kind {
        SOCKET("socket"),
        XDP_SOCKET("AF_XDP socket"),
        TASK("task"),
        CGROUP("cgroup"),
        INODE("inode");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /**
     * An object that lives.
     *
     * @param address its guest address; of an object that has several, the one that stands for it
     * @param name how users name it, unique among its kind; may be empty
     * @param cookie of a socket, a number that no other has; of a cgroup its id; else 0
     */
    public record Entry(Kind kind, long address, String name, long cookie) {}

    /** The environment that objects live in. */
    public interface Source {
        /** The object at an address if it is of that kind, else {@code null}. */
        Entry get(Kind kind, long address);

        /** The object of that name, or {@code null}. */
        Entry named(Kind kind, String name);

        /** Whether there is a network interface of that number. */
        boolean hasInterface(int ifindex);
    }

    private static final Source NONE =
            new Source() {
                @Override
                public Entry get(Kind kind, long address) {
                    return null;
                }

                @Override
                public Entry named(Kind kind, String name) {
                    return null;
                }

                @Override
                public boolean hasInterface(int ifindex) {
                    return ifindex == LOOPBACK;
                }
            };

    private final Source source;
    private final Map<Long, Entry> objects = new ConcurrentSkipListMap<>();
    private final Set<LongConsumer> observers = new CopyOnWriteArraySet<>();
    private final AtomicLong cookies = new AtomicLong();

    /** No objects but those that are added, and the loopback interface. */
    public KernelObjects() {
        this(NONE);
    }

    /** Those of an environment, and those that are added. */
    public KernelObjects(Source source) {
        this.source = source;
    }

    /** Makes an object known, with a fresh cookie. */
    public Entry add(Kind kind, long address, String name) {
        Entry entry = new Entry(kind, address, name, nextCookie());
        objects.put(address, entry);
        return entry;
    }

    /** The object is no more: values that are bound to it go too, and maps forget it. */
    public void remove(long address) {
        objects.remove(address);
        forget(address);
    }

    /** Values that are bound to an object go, and maps forget it; it may come again. */
    public void forget(long address) {
        for (LongConsumer observer : observers) {
            observer.accept(address);
        }
    }

    /** Tells {@code observer} the address of every object that goes. */
    void onRemove(LongConsumer observer) {
        observers.add(observer);
    }

    /** A number for a socket that no other socket of the machine has. */
    public long nextCookie() {
        return cookies.incrementAndGet();
    }

    /** The object at an address if it is of that kind, else {@code null}. */
    public Entry get(Kind kind, long address) {
        if (address == 0) {
            return null;
        }
        Entry entry = objects.get(address);
        if (entry == null) {
            return source.get(kind, address);
        }
        return entry.kind() == kind ? entry : null;
    }

    /** The object of that name, or {@code null}. */
    public Entry named(Kind kind, String name) {
        for (Entry entry : objects.values()) {
            if (entry.kind() == kind && entry.name().equals(name)) {
                return entry;
            }
        }
        return source.named(kind, name);
    }

    /** Whether there is a network interface of that number. */
    public boolean hasInterface(int ifindex) {
        return source.hasInterface(ifindex);
    }
}
