package org.trufflebpf.runtime;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.KernelObjects;
import org.trufflebpf.map.MapHost;
import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.world.Task;
import org.trufflebpf.world.World;

import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The simulated machine of one context: its memory, virtual CPUs, clock, random numbers, current
 * task, and what programs print. Instances of objects live in it and share it. Thread-safe.
 */
public final class Machine {
    private final Environment environment;
    private final Memory memory;
    private final Handles handles = new Handles();
    private final AtomicLong random;
    private final Consumer<TraceLine> trace;
    private final Deque<Run> idle = new ArrayDeque<>();
    private final Map<String, Long> opaque = new ConcurrentHashMap<>();
    private final Map<BpfMap, Long> mapImages = new ConcurrentHashMap<>();
    private final AtomicLong sessions = new AtomicLong();
    private final World world;
    private final KernelObjects objects;
    private final Clock clock;
    private final Timers timers;
    private final ObjectStore store;
    private final AtomicInteger distribution = new AtomicInteger(-1);

    /**
     * Starts a machine.
     *
     * @param trace takes each line of {@code bpf_trace_printk}, from any thread
     * @param btf the BTF that kernel objects are laid out by; asked when the first is needed, may
     *     give {@code null}
     */
    public Machine(Environment environment, Consumer<TraceLine> trace, Supplier<Btf> btf) {
        this.environment = environment;
        this.memory = Memory.create(environment.maxMemory(), ByteOrder.LITTLE_ENDIAN);
        this.random = new AtomicLong(environment.seed());
        this.trace = trace;
        this.world = new World(environment.world(), memory, handles, btf);
        this.objects = new KernelObjects(new WorldObjects(world));
        this.clock = new Clock(environment.clock());
        this.timers = new Timers(this);
        this.store = new ObjectStore(memory, timers);
    }

    /** Gives back the memory; no thread may run programs or touch maps any more. */
    public void close() {
        memory.close();
    }

    public Environment environment() {
        return environment;
    }

    /** The arena, in little-endian order; see {@link Memory#inOrder}. */
    public Memory memory() {
        return memory;
    }

    public Handles handles() {
        return handles;
    }

    /**
     * The address that stands for a kernel object of which only the identity is known; nothing can
     * be read there.
     */
    public long opaque(String what) {
        return opaque.computeIfAbsent(what, handles::register);
    }

    /** The next number of a session in which an iterator is read, from 1. */
    public long nextSession() {
        return sessions.incrementAndGet();
    }

    /** The kernel's {@code struct bpf_map} of a map, for programs to read. */
    public long mapImage(BpfMap map) {
        return mapImages.computeIfAbsent(
                map,
                key -> {
                    Map<String, Object> fields = new HashMap<>();
                    fields.put("id", (long) (mapImages.size() + 1));
                    fields.put("name", map.name());
                    fields.put("map_type", (long) map.type().number());
                    fields.put("key_size", (long) map.keySize());
                    fields.put("value_size", (long) map.valueSize());
                    fields.put("max_entries", (long) map.maxEntries());
                    fields.put("map_flags", (long) map.flags());
                    return world.image("bpf_map", map + " " + map.handle(), fields);
                });
    }

    /** The map of an address: that of its handle, or of its {@link #mapImage}; or {@code null}. */
    public BpfMap mapAt(long address) {
        if (handles.get(address) instanceof BpfMap map) {
            return map;
        }
        for (Map.Entry<BpfMap, Long> image : mapImages.entrySet()) {
            if (image.getValue() == address) {
                return image.getKey();
            }
        }
        return null;
    }

    /** The simulated environment. */
    public World world() {
        return world;
    }

    /** The kernel objects that maps and local storage refer to. */
    public KernelObjects objects() {
        return objects;
    }

    /** The clock that programs read. */
    public Clock clock() {
        return clock;
    }

    /** What programs have asked to be called back for. */
    public Timers timers() {
        return timers;
    }

    /** Objects that programs allocate. */
    public ObjectStore store() {
        return store;
    }

    /** The CPU that {@code bpf_cpumask_any_distribute} gave last. */
    public AtomicInteger distribution() {
        return distribution;
    }

    /** What a map of an object in that byte order needs. */
    public MapHost mapHost(ByteOrder order) {
        Memory ordered = memory.inOrder(order);
        return new MapHost(
                ordered,
                handles,
                environment.cpus(),
                this::nextRandom,
                objects,
                (field, address) -> store.release(ordered, field, address));
    }

    /** The next 64 random bits: SplitMix64 of the seed, so that a run can be repeated. */
    public long nextRandom() {
        long z = random.addAndGet(0x9e3779b97f4a7c15L);
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Nanoseconds since boot ({@code bpf_ktime_get_ns}). */
    public long bootNanos() {
        return clock.bootNanos();
    }

    /** Nanoseconds since 1970 ({@code bpf_ktime_get_tai_ns} and event times of day). */
    public long wallNanos() {
        long offset = environment.world().wallOffset();
        return offset >= 0 ? bootNanos() + offset : clock.wallNanos();
    }

    /** Prints a line of {@code bpf_trace_printk} on behalf of the current task. */
    public void trace(int cpu, String text) {
        Task task = world.current();
        trace.accept(new TraceLine(task.comm(), task.pid(), cpu, bootNanos(), text));
    }

    /** Takes a run from the pool of idle ones, or makes one. */
    public Run acquireRun() {
        synchronized (idle) {
            Run run = idle.poll();
            if (run != null) {
                return run;
            }
        }
        return new Run(this);
    }

    public void releaseRun(Run run) {
        run.reset();
        synchronized (idle) {
            idle.push(run);
        }
    }
}
