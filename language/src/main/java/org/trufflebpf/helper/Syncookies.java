package org.trufflebpf.helper;

import org.trufflebpf.runtime.Machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * SYN cookies as the kernel computes them (net/ipv4/syncookies.c): a sequence number that proves
 * that its receiver saw our SYN-ACK. The secret comes from the machine's seed.
 */
final class Syncookies {
    private static final int BITS = 24;
    private static final int MASK = (1 << BITS) - 1;

    /** Periods for which a cookie is good ({@code MAX_SYNCOOKIE_AGE}). */
    private static final int MAX_AGE = 2;

    private static final long PERIOD = 60_000_000_000L;
    static final int[] MSS_V4 = {536, 1300, 1440, 1460};
    static final int[] MSS_V6 = {1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60};

    private final long seed;
    private final int count;

    Syncookies(Machine machine) {
        this.seed = machine.environment().seed();
        this.count = (int) (machine.bootNanos() / PERIOD);
    }

    /**
     * A connection as the hash sees it.
     *
     * @param addresses source and destination, as they are in the packet
     * @param ports source port in the upper half
     */
    record Flow(byte[] addresses, int ports) {}

    /** The index of the largest of the sizes that is not above {@code mss}. */
    static int index(int[] sizes, int mss) {
        for (int i = sizes.length - 1; i > 0; i--) {
            if (mss >= sizes[i]) {
                return i;
            }
        }
        return 0;
    }

    int make(Flow flow, int sequence, int data) {
        return hash(flow, 0, 0)
                + sequence
                + (count << BITS)
                + ((hash(flow, count, 1) + data) & MASK);
    }

    /** The data of a cookie, or -1 if it is none of the last two minutes. */
    int check(Flow flow, int cookie, int sequence) {
        int rest = cookie - (hash(flow, 0, 0) + sequence);
        int age = (count - (rest >>> BITS)) & (-1 >>> BITS);
        return age >= MAX_AGE ? -1 : (rest - hash(flow, count - age, 1)) & MASK;
    }

    private int hash(Flow flow, int number, int which) {
        ByteBuffer input =
                ByteBuffer.allocate(flow.addresses.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        input.put(flow.addresses).putInt(flow.ports).putInt(number);
        return (int) SipHash.hash(seed, which + 1, input.array());
    }
}
