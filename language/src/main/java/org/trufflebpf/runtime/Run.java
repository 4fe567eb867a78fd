package org.trufflebpf.runtime;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.map.KernelObjects;
import org.trufflebpf.map.SpinLock;
import org.trufflebpf.map.ValueFields;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.ProgramSpec;

import java.util.ArrayList;
import java.util.List;

/**
 * One execution on one virtual CPU: stack, context, packet, and what the program produced besides
 * its result. Used by one thread at a time; pooled by the {@link Machine}, so that a run allocates
 * nothing in the arena.
 */
public final class Run {
    /**
     * Frames of the stack: tail calls from functions keep those below them, so that a chain needs
     * many.
     */
    public static final int MAX_FRAMES = 256;

    /** Bytes of stack in one frame (kernel: {@code MAX_BPF_STACK}). */
    public static final int FRAME_SIZE = 512;

    /** Distance of frames: each is followed by as many bytes that belong to nobody. */
    public static final int FRAME_STRIDE = 2 * FRAME_SIZE;

    /**
     * Turns of one loop that is bounded by a helper, an iterator or may_goto (kernel: {@code
     * BPF_MAX_LOOPS}).
     */
    public static final int MAX_LOOPS = 8 * 1024 * 1024;

    /** Tail calls in one run. */
    public static final int MAX_TAIL_CALLS = 33;

    /**
     * Lines of {@code bpf_trace_printk} that are kept for the result; later ones are only printed.
     */
    public static final int MAX_TRACE_LINES = 1 << 16;

    /** Space for a context structure. */
    public static final int CONTEXT_SPACE = 64 * 1024;

    /** Space for kernel objects that a context points to. */
    public static final int OBJECT_SPACE = 4096;

    /** Space for a packet with its headroom and tailroom. */
    public static final int PACKET_SPACE = 256 * 1024;

    private final Machine machine;
    private final Region stack;
    private final Region context;
    private final Region packet;
    private final Region object;
    private final long contextStart;
    private final long objectStart;
    private final long packetStart;
    private final long retvalAddress;
    // of the class, not the interface, so that compiled code can look whether they are empty
    private final ArrayList<Event> events = new ArrayList<>();
    private final ArrayList<String> trace = new ArrayList<>();
    private final ArrayList<String> effects = new ArrayList<>();
    private final SeqFile output = new SeqFile();
    private final StreamText stdout = new StreamText();
    private final StreamText stderr = new StreamText();
    private final ArrayList<Long> scratch = new ArrayList<>();
    private final ArrayList<Long> resilientLocks = new ArrayList<>();

    private Instance instance;
    private ProgramSpec program;
    private Memory memory;
    private Caller caller;
    private Object extension;
    private int cpu;
    private int tailCalls;
    private long heldLock;
    private long framePointer;

    /** Somebody had what a run may leave behind in its hands, so that it may not be empty. */
    private boolean touched;

    /** So many bytes of the packet space are zero, but for those before {@link #packetUsed}. */
    private long packetCleared;

    private long packetUsed;

    Run(Machine machine) {
        this.machine = machine;
        Memory arena = machine.memory();
        this.memory = arena;
        long size = (long) MAX_FRAMES * FRAME_STRIDE;
        long stackStart = arena.reserve(size, 64, "stack");
        arena.fill(stackStart, size, (byte) 0);
        this.stack =
                new Region(Region.Kind.STACK, "", stackStart, size, FRAME_STRIDE, FRAME_SIZE, true);
        arena.add(stack);
        this.contextStart = arena.reserve(CONTEXT_SPACE, 64, "context");
        this.context = new Region(Region.Kind.CONTEXT, "", contextStart, 0, 0, 0, true);
        arena.add(context);
        this.objectStart = arena.reserve(OBJECT_SPACE, 64, "kernel objects");
        this.object = new Region(Region.Kind.KERNEL, "", objectStart, 0, 0, 0, true);
        arena.add(object);
        machine.objects().add(KernelObjects.Kind.SOCKET, objectStart, "");
        this.retvalAddress = arena.reserve(8, "return value");
        arena.putLong(retvalAddress, 0);
        this.packetStart = arena.reserve(PACKET_SPACE, 4096, "packet");
        this.packet = new Region(Region.Kind.PACKET, "", packetStart, 0, 0, 0, true);
        arena.add(packet);
    }

    /**
     * Starts an execution of a program of an instance. References that stay are not stored again:
     * such a store has a barrier of the collector, which in G1 may be a fence.
     */
    @SuppressWarnings("ReferenceEquality") // whether the field holds that very object
    public void begin(Instance newInstance, ProgramSpec newProgram, int newCpu, Caller newCaller) {
        if (instance != newInstance) {
            instance = newInstance;
            memory = newInstance.memory();
        }
        if (program != newProgram) {
            program = newProgram;
        }
        if (caller != newCaller) {
            caller = newCaller;
        }
        cpu = newCpu;
        tailCalls = 0;
        framePointer = topFrame();
    }

    /** Whether the run left nothing behind but what the next one overwrites. */
    public boolean isClean() {
        return heldLock == 0 && (!touched || isEmpty());
    }

    private boolean isEmpty() {
        return trace.isEmpty()
                && events.isEmpty()
                && effects.isEmpty()
                && output.isEmpty()
                && stdout.isEmpty()
                && stderr.isEmpty()
                && resilientLocks.isEmpty()
                && scratch.isEmpty();
    }

    /** Gives back the lock of a program that faulted, for which others wait. */
    public void unlock() {
        if (heldLock != 0 && SpinLock.isHeld(memory, heldLock)) {
            SpinLock.unlock(memory, heldLock);
        }
        heldLock = 0;
        for (long resilient : resilientLocks) {
            SpinLock.unlock(memory, resilient);
        }
        resilientLocks.clear();
    }

    /** Makes the run as if it were new. */
    public void reset() {
        instance = null;
        program = null;
        caller = null;
        extension = null;
        events.clear();
        trace.clear();
        // the socket of a packet goes with the run
        machine.objects().forget(objectStart);
        effects.clear();
        output.clear();
        stdout.clear();
        stderr.clear();
        scratch.forEach(machine.store()::drop);
        scratch.clear();
        memory.putLong(retvalAddress, 0);
        context.resize(contextStart, contextStart);
        object.resize(objectStart, objectStart);
        packet.resize(packetStart, packetStart);
        packetCleared = 0;
        touched = false;
    }

    public Machine machine() {
        return machine;
    }

    public Instance instance() {
        return instance;
    }

    /** The program that was entered (not the one that a tail call reached). */
    public ProgramSpec program() {
        return program;
    }

    /** The arena in the byte order of the program. */
    public Memory memory() {
        return memory;
    }

    /** The virtual CPU. */
    public int cpu() {
        return cpu;
    }

    /** All frames; an element is one frame. The entry's frame is the last. */
    public Region stack() {
        return stack;
    }

    /** The context structure; its bounds are those of the program type's structure. */
    public Region context() {
        return context;
    }

    /** First address of the space where a context may be laid out. */
    public long contextStart() {
        return contextStart;
    }

    /**
     * A kernel object that the context points to, such as the flow keys of a flow dissector; empty
     * without one.
     */
    public Region object() {
        return object;
    }

    /** First address of the space where such an object may be laid out. */
    public long objectStart() {
        return objectStart;
    }

    /** The bytes that the program may address as packet: from data_meta (or data) to data_end. */
    public Region packet() {
        return packet;
    }

    /** First address of the space where a packet may be laid out. */
    public long packetStart() {
        return packetStart;
    }

    /**
     * Fills the first bytes of the packet space with zeros. Between runs that all call this, only
     * those that {@link #usePacket} was told of have to be.
     */
    public void clearPacket(long size) {
        long dirty = packetCleared < size ? size : Math.min(size, packetUsed - packetStart);
        memory.fill(packetStart, dirty, (byte) 0);
        packetCleared = Math.max(packetCleared, size);
        packetUsed = packetStart;
    }

    /** Tells that bytes of the packet space up to an address may be written. */
    public void usePacket(long end) {
        packetUsed = Math.max(packetUsed, end);
    }

    /** r10 of the entry program. */
    public long topFrame() {
        return stack.start() + (long) (MAX_FRAMES - 1) * FRAME_STRIDE + FRAME_SIZE;
    }

    /** Whether {@code pointer} can be r10 of a frame, and not one below the last. */
    public boolean isFrame(long pointer) {
        return pointer >= stack.start() + FRAME_SIZE;
    }

    /** Whether bytes lie within one frame of the stack. */
    public boolean stackContains(long address, int size) {
        long offset = address - stack.start();
        return Long.compareUnsigned(offset, (long) MAX_FRAMES * FRAME_STRIDE) < 0
                && (offset & (FRAME_STRIDE - 1)) <= FRAME_SIZE - size;
    }

    /** r10 of the function that runs now; kept by calls so that callbacks find the next frame. */
    public long framePointer() {
        return framePointer;
    }

    public void setFramePointer(long pointer) {
        framePointer = pointer;
    }

    /** Who calls functions of the guest for this run. */
    Caller caller() {
        return caller;
    }

    /** Calls a function of the guest. */
    public long call(long function, long r1, long r2, long r3, long r4, long r5) {
        return caller.call(this, function, r1, r2, r3, r4, r5);
    }

    /** Whether the limit of tail calls is not used up yet (kernel: {@code MAX_TAIL_CALL_CNT}). */
    public boolean mayTailCall() {
        return tailCalls < MAX_TAIL_CALLS;
    }

    public void countTailCall() {
        tailCalls++;
    }

    /** Starts counting tail calls anew, as each repetition of a test run does. */
    public void restartTailCalls() {
        tailCalls = 0;
    }

    /**
     * Notes that the program holds a spin lock, so that it is given back if the program faults; 0:
     * none.
     */
    public void setHeldLock(long address) {
        heldLock = address;
    }

    /** The spin lock that the program holds, or 0. */
    public long heldLock() {
        return heldLock;
    }

    /** The resilient spin locks that the program holds, which go back if it faults. */
    public List<Long> resilientLocks() {
        touched = true;
        return resilientLocks;
    }

    /** What the program printed, in order. */
    public List<String> trace() {
        touched = true;
        return trace;
    }

    /** Prints a line of {@code bpf_trace_printk}. */
    public void print(String text) {
        if (trace.size() < MAX_TRACE_LINES) {
            touched = true;
            trace.add(text);
        }
        machine.trace(cpu, text);
    }

    /** What the program sent to user space and was not taken yet. */
    public List<Event> events() {
        touched = true;
        return events;
    }

    /**
     * What the program did to the world besides, in words and in order: signals sent, packets
     * redirected, options set.
     */
    public List<String> effects() {
        touched = true;
        return effects;
    }

    /** Notes an effect; those beyond {@link #MAX_TRACE_LINES} are dropped. */
    public void note(String effect) {
        if (effects.size() < MAX_TRACE_LINES) {
            touched = true;
            effects.add(effect);
        }
    }

    /**
     * Where the return value of the operation that a hook decides on is kept, 32 bits ({@code
     * bpf_get_retval}); no program can address it.
     */
    public long retvalAddress() {
        return retvalAddress;
    }

    /** Zeroed memory that programs may address, up to the end of the run. */
    public long scratch(int size) {
        long address =
                machine.store()
                        .create(
                                new ObjectStore.Type(
                                        "scratch", Math.max(1, size), ValueFields.NONE, 0));
        if (address == 0) {
            throw BpfException.limit(Where.UNKNOWN, "the memory is used up");
        }
        touched = true;
        scratch.add(address);
        return address;
    }

    /** The file that an iterator prints to. */
    public SeqFile output() {
        touched = true;
        return output;
    }

    /** The program's stream {@code BPF_STDOUT}. */
    public StreamText stdout() {
        touched = true;
        return stdout;
    }

    /** The program's stream {@code BPF_STDERR}. */
    public StreamText stderr() {
        touched = true;
        return stderr;
    }

    /** All that was written as text. */
    public Printed printed() {
        return output.isEmpty() && stdout.isEmpty() && stderr.isEmpty()
                ? Printed.NOTHING
                : new Printed(
                        output.isEmpty() ? null : output.bytes(), stdout.taken(), stderr.taken());
    }

    /** State of the program type's context: packet room, redirect target and the like. */
    public Object extension() {
        return extension;
    }

    public void setExtension(Object newExtension) {
        extension = newExtension;
    }
}
