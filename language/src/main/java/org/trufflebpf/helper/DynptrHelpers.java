package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.map.RingbufMap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.ProgramType;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Helpers and kernel functions on {@link Dynptr}s. */
final class DynptrHelpers {
    /** Types whose programs may write packets through a dynptr. */
    private static final Set<ProgramType> PACKET_WRITERS =
            EnumSet.of(
                    ProgramType.SCHED_CLS,
                    ProgramType.SCHED_ACT,
                    ProgramType.XDP,
                    ProgramType.LWT_XMIT,
                    ProgramType.SK_SKB,
                    ProgramType.SK_MSG);

    private static final int CHUNK = 256;

    private DynptrHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "dynptr_from_mem",
                (run, data, size, flags, dynptr, r5) ->
                        fromMemory(new Dynptr(run, dynptr), data, size & 0xffff_ffffL, flags));
        all.put(
                "dynptr_read",
                (run, to, length, dynptr, offset, flags) -> {
                    Dynptr source = new Dynptr(run, dynptr);
                    return source.isNull() || flags != 0
                            ? Errno.EINVAL.negative()
                            : source.read(to, length, offset);
                });
        all.put(
                "dynptr_write",
                (run, dynptr, offset, from, length, flags) ->
                        new Dynptr(run, dynptr).write(offset, from, length, flags));
        all.put(
                "dynptr_data",
                (run, dynptr, offset, length, r4, r5) -> data(run, dynptr, offset, length));
        all.put(
                "ringbuf_reserve_dynptr",
                (run, map, size, flags, dynptr, r5) ->
                        reserve(
                                (RingbufMap) MapHelpers.map(run, map),
                                new Dynptr(run, dynptr),
                                size & 0xffff_ffffL,
                                flags));
        all.put(
                "ringbuf_submit_dynptr",
                (run, dynptr, flags, r3, r4, r5) -> commit(run, dynptr, flags, true));
        all.put(
                "ringbuf_discard_dynptr",
                (run, dynptr, flags, r3, r4, r5) -> commit(run, dynptr, flags, false));
    }

    static void addKfuncsTo(Map<String, HelperFunction> all) {
        all.put(
                "dynptr_from_skb",
                (run, skb, flags, dynptr, r4, r5) ->
                        fromPacket(run, skb, flags, dynptr, Dynptr.Type.SKB));
        all.put(
                "dynptr_from_xdp",
                (run, xdp, flags, dynptr, r4, r5) ->
                        fromPacket(run, xdp, flags, dynptr, Dynptr.Type.XDP));
        all.put(
                "dynptr_from_skb_meta",
                (run, skb, flags, dynptr, r4, r5) ->
                        fromPacket(run, skb, flags, dynptr, Dynptr.Type.SKB_META));
        all.put(
                "dynptr_slice",
                (run, dynptr, offset, buffer, size, r5) ->
                        new Dynptr(run, dynptr)
                                .slice(offset & 0xffff_ffffL, size & 0xffff_ffffL, buffer));
        all.put(
                "dynptr_slice_rdwr",
                (run, dynptr, offset, buffer, size, r5) -> {
                    Dynptr source = new Dynptr(run, dynptr);
                    return source.isNull() || source.isReadOnly()
                            ? 0
                            : source.slice(offset & 0xffff_ffffL, size & 0xffff_ffffL, buffer);
                });
        all.put(
                "dynptr_adjust",
                (run, dynptr, start, end, r4, r5) ->
                        new Dynptr(run, dynptr).adjust((int) start, (int) end));
        all.put(
                "dynptr_is_null",
                (run, dynptr, r2, r3, r4, r5) -> new Dynptr(run, dynptr).isNull() ? 1 : 0);
        all.put(
                "dynptr_is_rdonly",
                (run, dynptr, r2, r3, r4, r5) -> {
                    Dynptr source = new Dynptr(run, dynptr);
                    return !source.isNull() && source.isReadOnly() ? 1 : 0;
                });
        all.put(
                "dynptr_size",
                (run, dynptr, r2, r3, r4, r5) -> {
                    Dynptr source = new Dynptr(run, dynptr);
                    // a u32
                    return source.isNull() ? Errno.EINVAL.negative() & 0xffff_ffffL : source.size();
                });
        all.put(
                "dynptr_clone",
                (run, dynptr, clone, r3, r4, r5) ->
                        copyHandle(new Dynptr(run, dynptr), new Dynptr(run, clone)));
        all.put(
                "dynptr_copy",
                (run, to, toOffset, from, fromOffset, size) ->
                        copy(
                                new Dynptr(run, to),
                                toOffset & 0xffff_ffffL,
                                new Dynptr(run, from),
                                fromOffset & 0xffff_ffffL,
                                size & 0xffff_ffffL));
        all.put(
                "dynptr_memset",
                (run, dynptr, offset, size, value, r5) ->
                        fill(
                                new Dynptr(run, dynptr),
                                offset & 0xffff_ffffL,
                                size & 0xffff_ffffL,
                                (byte) value));
    }

    private static long fromMemory(Dynptr dynptr, long data, long size, long flags) {
        long error =
                size > Dynptr.MAX_SIZE
                        ? Errno.E2BIG.negative()
                        : flags != 0 ? Errno.EINVAL.negative() : 0;
        if (error != 0) {
            dynptr.setNull();
        } else {
            dynptr.set(data, Dynptr.Type.LOCAL, size, false);
        }
        return error;
    }

    private static long fromPacket(
            Run run, long context, long flags, long address, Dynptr.Type type) {
        Dynptr dynptr = new Dynptr(run, address);
        if (flags != 0) {
            dynptr.setNull();
            return Errno.EINVAL.negative();
        }
        Packet packet = Packet.of(run);
        long size = type == Dynptr.Type.SKB_META ? packet.data() - packet.meta() : packet.length();
        dynptr.set(context, type, size, !PACKET_WRITERS.contains(run.program().type()));
        return 0;
    }

    private static long data(Run run, long address, long offset, long length) {
        Dynptr dynptr = new Dynptr(run, address);
        boolean direct = dynptr.type() == Dynptr.Type.LOCAL || dynptr.type() == Dynptr.Type.RINGBUF;
        return direct && !dynptr.isReadOnly()
                ? dynptr.slice(offset & 0xffff_ffffL, length & 0xffff_ffffL, 0)
                : 0;
    }

    private static long reserve(RingbufMap ring, Dynptr dynptr, long size, long flags) {
        long error =
                flags != 0
                        ? Errno.EINVAL.negative()
                        : size > Dynptr.MAX_SIZE ? Errno.E2BIG.negative() : 0;
        long record = error == 0 ? ring.reserve(size, 0) : 0;
        if (record == 0) {
            dynptr.setNull();
            return error != 0 ? error : Errno.EINVAL.negative();
        }
        dynptr.set(record, Dynptr.Type.RINGBUF, size, false);
        return 0;
    }

    private static long commit(Run run, long address, long flags, boolean submit) {
        Dynptr dynptr = new Dynptr(run, address);
        if (!dynptr.isNull()) {
            long record = dynptr.data();
            RingbufMap ring = RingbufMap.of(run.memory(), record);
            if (ring == null) {
                throw run.memory().fault(record, 1, true);
            }
            if (submit) {
                ring.submit(record, flags);
            } else {
                ring.discard(record, flags);
            }
            dynptr.setNull();
        }
        return 0;
    }

    private static long copyHandle(Dynptr from, Dynptr to) {
        if (from.isNull()) {
            to.setNull();
            return Errno.EINVAL.negative();
        }
        from.copyTo(to);
        return 0;
    }

    private static long copy(Dynptr to, long toOffset, Dynptr from, long fromOffset, long size) {
        if (to.isNull() || from.isNull() || to.isReadOnly()) {
            return Errno.EINVAL.negative();
        }
        if (!to.holds(toOffset, size) || !from.holds(fromOffset, size)) {
            return Errno.E2BIG.negative();
        }
        return inChunks(
                to.run(),
                size,
                (buffer, at, length) -> {
                    long error = from.read(buffer, length, fromOffset + at);
                    return error != 0 ? error : to.write(toOffset + at, buffer, length, 0);
                });
    }

    private static long fill(Dynptr dynptr, long offset, long size, byte value) {
        if (dynptr.isNull() || dynptr.isReadOnly()) {
            return Errno.EINVAL.negative();
        }
        if (!dynptr.holds(offset, size)) {
            return Errno.E2BIG.negative();
        }
        return inChunks(
                dynptr.run(),
                size,
                (buffer, at, length) -> {
                    dynptr.run().memory().fill(buffer, length, value);
                    return dynptr.write(offset + at, buffer, length, 0);
                });
    }

    /** Does something to one chunk. */
    @FunctionalInterface
    private interface Step {
        long run(long buffer, long at, long length);
    }

    private static long inChunks(Run run, long size, Step step) {
        Memory memory = run.memory();
        long buffer = Scratch.take(run, CHUNK);
        try {
            long error = 0;
            for (long at = 0; at < size && error == 0; at += CHUNK) {
                error = step.run(buffer, at, Math.min(CHUNK, size - at));
            }
            return error;
        } finally {
            Scratch.give(run, buffer);
            memory.releaseFence();
        }
    }
}
