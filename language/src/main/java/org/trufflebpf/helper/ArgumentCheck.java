package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.HelperArg.Flag;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.KernelObjects;
import org.trufflebpf.map.RingbufMap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.world.World;

import java.util.List;

/**
 * Holds the arguments of a call to their kinds at run time, for programs that no verifier has seen.
 * Afterwards an implementation may trust that maps are maps of the right type and that memory can
 * be read or written for its size.
 */
public final class ArgumentCheck {
    /** Sizes from here on are refused, as the kernel's verifier does ({@code BPF_MAX_VAR_SIZ}). */
    private static final long MAX_SIZE = 1L << 29;

    private ArgumentCheck() {}

    /**
     * Checks all arguments of a call.
     *
     * @throws BpfException TRAP that names helper, argument and what was expected
     */
    public static void check(Run run, HelperRow row, long r1, long r2, long r3, long r4, long r5) {
        List<HelperArg> args = row.args();
        BpfMap map = null;
        for (int i = 0; i < args.size(); i++) {
            HelperArg arg = args.get(i);
            long value = select(i, r1, r2, r3, r4, r5);
            if (arg.kind() == ArgKind.CONST_MAP_PTR) {
                map = map(run, row, i, value);
            } else if (arg.kind() != ArgKind.ANYTHING) {
                long size = arg.isSizedByNext() ? select(i + 1, r1, r2, r3, r4, r5) : arg.size();
                check(run, row, i, arg, value, size, map);
            }
        }
    }

    private static long select(int index, long r1, long r2, long r3, long r4, long r5) {
        return switch (index) {
            case 0 -> r1;
            case 1 -> r2;
            case 2 -> r3;
            case 3 -> r4;
            default -> r5;
        };
    }

    private static BpfMap map(Run run, HelperRow row, int index, long value) {
        if (!(run.machine().handles().get(value) instanceof BpfMap map)) {
            throw wrong(row, index, ArgKind.CONST_MAP_PTR.expected(), value);
        }
        if (!MapCompatibility.allows(map.type(), row)) {
            throw BpfException.trap(
                    "cannot pass map "
                            + map.name()
                            + " of type "
                            + map.type().label()
                            + " into func "
                            + row);
        }
        return map;
    }

    private static void check(
            Run run, HelperRow row, int index, HelperArg arg, long value, long size, BpfMap map) {
        // the buffers that kernel functions take may be missing whatever their size (__opt)
        boolean mayMiss = arg.kind() != ArgKind.MEM || size == 0 || row.number() < 0;
        if (value == 0 && arg.nullable() && mayMiss) {
            return;
        }
        switch (arg.kind()) {
            case MEM -> memory(run, row, index, arg, value, size);
            case MAP_KEY -> memory(run, row, index, arg, value, map == null ? 0 : map.keySize());
            case MAP_VALUE -> {
                // to maps of sockets a program passes the socket itself
                if (map == null || !holdsSockets(map)) {
                    memory(run, row, index, arg, value, map == null ? 0 : map.valueSize());
                }
            }
            case CONST_SIZE, CONST_SIZE_OR_ZERO -> size(row, index, arg, value);
            case CTX -> expect(isContext(run, value), row, index, arg, value);
            case STACK -> expect(run.stack().spans(value), row, index, arg, value);
            case FUNC -> expect(isFunction(run, value), row, index, arg, value);
            case CONST_STR -> expect(isTerminated(run.memory(), value), row, index, arg, value);
            case SPIN_LOCK -> inMapValue(run, row, index, arg, value, 4);
            case TIMER -> inMapValue(run, row, index, arg, value, 16);
            // in a map value or an allocated object
            case KPTR_XCHG_DEST ->
                    expect(
                            (value & 7) == 0 && run.memory().isAccessible(value, 8, true),
                            row,
                            index,
                            arg,
                            value);
            case RINGBUF_MEM ->
                    expect(RingbufMap.isRecord(run.memory(), value), row, index, arg, value);
            case DYNPTR ->
                    expect((value & 7) == 0 && isDynptrPlace(run, value), row, index, arg, value);
            case SOCK_COMMON, SOCKET, BTF_ID_SOCK_COMMON ->
                    expect(Sockets.isSocket(run, value), row, index, arg, value);
            case BTF_ID -> kernelObject(run, row, index, arg, value);
            default -> {
                // per-CPU variables: their helpers say what they are
            }
        }
    }

    private static void memory(
            Run run, HelperRow row, int index, HelperArg arg, long value, long size) {
        if (size < 0 || size >= MAX_SIZE) {
            return; // the size argument says so itself
        }
        if (arg.has(Flag.ALIGNED) && (value & (arg.size() - 1)) != 0) {
            throw wrong(
                    row,
                    index,
                    arg.kind().expected() + " aligned to " + arg.size() + " bytes",
                    value);
        }
        if (!run.memory().isAccessible(value, size, arg.written())) {
            BpfException fault = run.memory().fault(value, size, arg.written());
            throw BpfException.trap(place(row, index) + ": " + fault.getMessage());
        }
    }

    private static void size(HelperRow row, int index, HelperArg arg, long value) {
        boolean zero = value == 0 && arg.kind() == ArgKind.CONST_SIZE;
        if (zero || value < 0 || value >= MAX_SIZE) {
            throw wrong(row, index, arg.kind().expected() + " and below " + MAX_SIZE, value);
        }
    }

    private static boolean holdsSockets(BpfMap map) {
        return map.type() == MapType.SOCKMAP || map.type() == MapType.SOCKHASH;
    }

    private static boolean isContext(Run run, long value) {
        return value == run.context().start();
    }

    /**
     * A task, a cgroup or a socket has to be one; of other types any object of the kernel will do.
     */
    private static void kernelObject(Run run, HelperRow row, int index, HelperArg arg, long value) {
        World world = run.machine().world();
        String type = arg.type() == null ? "" : arg.type();
        boolean right =
                switch (type) {
                    case "task_struct" -> isKnown(run, KernelObjects.Kind.TASK, value);
                    case "cgroup" -> isKnown(run, KernelObjects.Kind.CGROUP, value);
                    case "tcp_sock" -> world.socketAt(value) != null;
                    default ->
                            isOf(run.memory().find(value), Region.Kind.KERNEL)
                                    || run.machine().store().startOf(value) == value
                                    || run.machine().handles().get(value) != null;
                };
        if (!right) {
            throw wrong(row, index, "a pointer to a struct " + type + " of the kernel", value);
        }
    }

    private static boolean isKnown(Run run, KernelObjects.Kind kind, long address) {
        return run.machine().objects().get(kind, address) != null;
    }

    /** On the stack, or where a helper keeps one for a callback. */
    private static boolean isDynptrPlace(Run run, long value) {
        return run.stack().contains(value, 16)
                || (run.machine().store().startOf(value) == value
                        && run.memory().isAccessible(value, 16, true));
    }

    private static boolean isFunction(Run run, long value) {
        Object thing = run.machine().handles().get(value);
        return thing != null && !(thing instanceof BpfMap);
    }

    private static boolean isTerminated(Memory memory, long value) {
        Region region = memory.find(value);
        if (region == null) {
            return false;
        }
        for (long at = value; region.contains(at, 1); at++) {
            if (memory.getByte(at) == 0) {
                return true;
            }
        }
        return false;
    }

    private static void inMapValue(
            Run run, HelperRow row, int index, HelperArg arg, long value, int size) {
        Region region = run.memory().find(value);
        boolean right =
                isOf(region, Region.Kind.MAP_VALUE)
                        && region.writable()
                        && region.contains(value, size)
                        && (value & (Math.min(size, 8) - 1)) == 0;
        expect(right, row, index, arg, value);
    }

    private static boolean isOf(Region region, Region.Kind kind) {
        return region != null && region.kind() == kind;
    }

    private static void expect(boolean right, HelperRow row, int index, HelperArg arg, long value) {
        if (!right) {
            throw wrong(row, index, arg.kind().expected(), value);
        }
    }

    private static BpfException wrong(HelperRow row, int index, String expected, long value) {
        return BpfException.trap(
                place(row, index) + " is 0x" + Long.toHexString(value) + ", expected " + expected);
    }

    private static String place(HelperRow row, int index) {
        return "helper " + row + ": argument " + (index + 1) + " (r" + (index + 1) + ")";
    }
}
