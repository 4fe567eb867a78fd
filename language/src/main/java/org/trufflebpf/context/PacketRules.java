package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;

/**
 * What the kernel's test run asks of its input, and the messages where it would return an errno
 * only.
 */
final class PacketRules {
    /** Bytes of a page, which a test packet has to fit in with its room. */
    static final int PAGE_SIZE = 4096;

    /** {@code SKB_DATA_ALIGN(sizeof(struct skb_shared_info))}. */
    static final int TAILROOM = 320;

    private PacketRules() {}

    /**
     * Bytes of a context that the user gave, held to {@code bpf_ctx_init}: what is longer must be
     * zero.
     */
    static byte[] context(byte[] given, int size, String type) {
        byte[] result = new byte[size];
        System.arraycopy(given, 0, result, 0, Math.min(size, given.length));
        if (given.length > PAGE_SIZE || !isZero(given, size, given.length)) {
            throw BpfException.usage(
                    "ctx_in has "
                            + given.length
                            + " bytes, but "
                            + type
                            + " has "
                            + size
                            + "; only zeros may follow (E2BIG)");
        }
        return result;
    }

    static boolean isZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Refuses a context with anything but zeros in a range of bytes. */
    static void expectZero(byte[] context, int from, int to, String fields) {
        if (!isZero(context, from, to)) {
            throw BpfException.usage("ctx_in sets " + fields + ", which must be zero (EINVAL)");
        }
    }

    /** Refuses packets of a size that the kernel's test run refuses. */
    static void size(byte[] data, int min, int max) {
        int size = data == null ? 0 : data.length;
        if (size < min || size > max) {
            throw BpfException.usage(
                    "data_in has " + size + " bytes, expected " + min + " to " + max + " (EINVAL)");
        }
    }

    /** Refuses data for a type that takes none. */
    static void noData(RunInput input) {
        if (input.data() != null) {
            throw BpfException.usage(
                    "data_in is given, but this type of program takes none (EINVAL)");
        }
    }

    /**
     * Refuses interfaces that the machine does not have: there is only the loopback device, number
     * 1.
     */
    static void checkInterface(int ifindex, String field) {
        if (ifindex != 0 && ifindex != 1) {
            throw BpfException.usage(
                    "ctx_in has "
                            + field
                            + " "
                            + Integer.toUnsignedString(ifindex)
                            + ", but the only interface is number 1 (ENODEV)");
        }
    }
}
