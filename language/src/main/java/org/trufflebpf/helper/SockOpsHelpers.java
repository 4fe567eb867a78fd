package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.IpAddress;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.WorldSpec.InterfaceSpec;

import java.util.Arrays;
import java.util.Map;

/** Helpers of {@code sock_ops} programs: callbacks and options of the TCP header; and binding. */
final class SockOpsHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final long FULL = Errno.ENOSPC.negative();

    // struct bpf_sock_ops
    private static final int OP = 0;
    private static final int CB_FLAGS = 84;
    private static final int SKB_DATA = 192;
    private static final int SKB_DATA_END = 200;

    /** {@code BPF_SOCK_OPS_ALL_CB_FLAGS}. */
    private static final int ALL_FLAGS = 0x7f;

    private static final int WRITE_HDR_OPT_CB = 15;
    private static final int LOAD_SYN = 1;
    private static final int TCP_HEADER = 20;

    /** Bytes of options that a TCP header can have. */
    private static final int MAX_OPTIONS = 40;

    private static final int EOL = 0;
    private static final int NOP = 1;
    private static final long NO_MESSAGE = Errno.ENOMSG.negative();

    private SockOpsHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "sock_ops_cb_flags_set",
                (run, context, flags, r3, r4, r5) -> setFlags(run, context, (int) flags));
        all.put(
                "load_hdr_opt",
                (run, context, result, size, flags, r5) ->
                        load(run, context, result, (int) size, flags));
        all.put(
                "store_hdr_opt",
                (run, context, from, size, flags, r5) ->
                        store(run, context, from, (int) size, flags));
        all.put(
                "reserve_hdr_opt",
                (run, context, size, flags, r4, r5) -> {
                    if (flags != 0 || Integer.compareUnsigned((int) size, 2) < 0) {
                        return INVALID;
                    }
                    int left = room(run, context);
                    if (Integer.compareUnsigned((int) size, left) > 0) {
                        return FULL;
                    }
                    run.setExtension(left - (int) size);
                    return 0;
                });
        all.put(
                "bind",
                (run, context, address, size, r4, r5) -> bind(run, context, address, (int) size));
    }

    private static long setFlags(Run run, long context, int flags) {
        Socket socket = Sockets.require(run, context);
        if (!socket.isFull()) {
            return INVALID;
        }
        socket.setCallbackFlags(flags & ALL_FLAGS);
        run.memory().putInt(context + CB_FLAGS, flags & ALL_FLAGS);
        return flags & ~ALL_FLAGS;
    }

    /** Bytes of options that still fit into the header at hand. */
    private static int room(Run run, long context) {
        if (run.extension() instanceof Integer left) {
            return left;
        }
        Memory memory = run.memory();
        long used = memory.getLong(context + SKB_DATA_END) - memory.getLong(context + SKB_DATA);
        return MAX_OPTIONS - Math.clamp(used - TCP_HEADER, 0, MAX_OPTIONS);
    }

    /** The options of the header that the context shows. */
    private static byte[] options(Run run, long context) {
        Memory memory = run.memory();
        long start = memory.getLong(context + SKB_DATA);
        long end = memory.getLong(context + SKB_DATA_END);
        if (end - start < TCP_HEADER) {
            return new byte[0];
        }
        int words = (memory.getByte(start + 12) & 0xff) >>> 4;
        long size = Math.clamp(words * 4L, TCP_HEADER, end - start);
        return memory.read(start + TCP_HEADER, (int) size - TCP_HEADER);
    }

    /** The index of an option, or a negative errno. */
    private static long search(byte[] options, int kind, byte[] magic) {
        int at = 0;
        while (at < options.length) {
            int found = options[at] & 0xff;
            if (found == EOL) {
                return NO_MESSAGE;
            }
            if (found == NOP) {
                at++;
                continue;
            }
            if (options.length - at < 2) {
                return Errno.EFAULT.negative();
            }
            int length = options[at + 1] & 0xff;
            if (length < 2 || length > options.length - at) {
                return Errno.EFAULT.negative();
            }
            boolean sameMagic =
                    magic.length == 0
                            || (length >= 2 + magic.length
                                    && Arrays.equals(
                                            options,
                                            at + 2,
                                            at + 2 + magic.length,
                                            magic,
                                            0,
                                            magic.length));
            if (found == kind && sameMagic) {
                return at;
            }
            at += length;
        }
        return NO_MESSAGE;
    }

    private static boolean isExperimental(int kind) {
        return kind == 253 || kind == 254;
    }

    private static long load(Run run, long context, long result, int size, long flags) {
        Memory memory = run.memory();
        if (size < 2 || (flags & ~LOAD_SYN) != 0) {
            return INVALID;
        }
        int kind = memory.getByte(result) & 0xff;
        int wantedLength = memory.getByte(result + 1) & 0xff;
        byte[] magic = {};
        if (isExperimental(kind)) {
            if (size < wantedLength || (wantedLength != 4 && wantedLength != 6)) {
                return INVALID;
            }
            magic = memory.read(result + 2, wantedLength - 2);
        } else if (wantedLength != 0 || kind == EOL || kind == NOP) {
            return INVALID;
        }
        if ((flags & LOAD_SYN) != 0) {
            // the SYN of the connection was not kept (TCP_SAVE_SYN)
            return Errno.ENOENT.negative();
        }
        byte[] options = options(run, context);
        long at = search(options, kind, magic);
        if (at < 0) {
            return at;
        }
        int length = options[(int) at + 1] & 0xff;
        memory.write(result, options, (int) at, Math.min(length, size));
        return length > size ? FULL : length;
    }

    private static long store(Run run, long context, long from, int size, long flags) {
        Memory memory = run.memory();
        if (memory.getInt(context + OP) != WRITE_HDR_OPT_CB) {
            return Errno.EPERM.negative();
        }
        if (size < 2 || flags != 0) {
            return INVALID;
        }
        int kind = memory.getByte(from) & 0xff;
        int length = memory.getByte(from + 1) & 0xff;
        if (length > size || kind == NOP || kind == EOL) {
            return INVALID;
        }
        int left = room(run, context);
        if (length > left) {
            return FULL;
        }
        byte[] magic = {};
        if (isExperimental(kind)) {
            if (length < 4) {
                return INVALID;
            }
            magic = memory.read(from + 2, length < 6 ? 2 : 4);
        }
        long start = memory.getLong(context + SKB_DATA);
        long end = memory.getLong(context + SKB_DATA_END);
        int present = (int) Math.max(0, end - start - TCP_HEADER);
        long found = search(memory.read(end - present, present), kind, magic);
        if (found != NO_MESSAGE) {
            return found >= 0 ? Errno.EEXIST.negative() : found;
        }
        run.packet().resize(run.packet().start(), Math.max(run.packet().end(), end + length));
        memory.copy(from, end, length);
        memory.putLong(context + SKB_DATA_END, end + length);
        run.setExtension(left - length);
        return 0;
    }

    private static long bind(Run run, long context, long address, int size) {
        Socket socket = Sockets.require(run, context);
        Memory memory = run.memory();
        if (size < 2) {
            return INVALID;
        }
        int family = Short.toUnsignedInt(memory.getShort(address));
        boolean v6 = family == 10;
        if (family != 2 && !v6) {
            return Errno.EAFNOSUPPORT.negative();
        }
        // SIN6_LEN_RFC2133 and sizeof(struct sockaddr_in)
        if (size < (v6 ? 24 : 16) || v6 != socket.isV6()) {
            return INVALID;
        }
        IpAddress wanted = new IpAddress(memory.read(address + (v6 ? 8 : 4), v6 ? 16 : 4));
        if (!wanted.isUnspecified() && !isOwn(run, wanted)) {
            return Errno.EADDRNOTAVAIL.negative();
        }
        run.note(socket + " bound to " + wanted);
        return 0;
    }

    private static boolean isOwn(Run run, IpAddress address) {
        for (InterfaceSpec each : run.machine().world().network().interfaces()) {
            if (each.addresses().stream()
                    .anyMatch(
                            prefix ->
                                    prefix.address().equals(address)
                                            || (each.index() == 1 && prefix.contains(address)))) {
                return true;
            }
        }
        return false;
    }
}
