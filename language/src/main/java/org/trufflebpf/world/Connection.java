package org.trufflebpf.world;

/**
 * An entry of the connection tracking (kernel: {@code struct nf_conn}): a flow and its answers,
 * whose ends differ from the flow's where addresses are translated. The entry's memory lives as
 * long as somebody holds a reference: the table, once the entry is in it, and each program that has
 * it.
 */
public final class Connection {
    // IPS_* of linux/netfilter/nf_conntrack_common.h
    public static final int EXPECTED = 1;
    public static final int SEEN_REPLY = 1 << 1;
    public static final int ASSURED = 1 << 2;
    public static final int CONFIRMED = 1 << 3;
    public static final int SRC_NAT = 1 << 4;
    public static final int DST_NAT = 1 << 5;
    public static final int SRC_NAT_DONE = 1 << 7;
    public static final int DST_NAT_DONE = 1 << 8;
    public static final int DYING = 1 << 9;
    public static final int FIXED_TIMEOUT = 1 << 10;

    /** All bits that have a meaning. */
    public static final int KNOWN = 0xffff;

    /** Bits that only the tracking itself changes ({@code IPS_UNCHANGEABLE_MASK}). */
    public static final int UNCHANGEABLE = 0xdbf9;

    private final FlowTuple original;
    private final Zone zone;
    private FlowTuple reply;
    private int status;
    private int timeout;
    private boolean lasting;
    private int references = 1;
    private long address;

    /**
     * The zone of a flow; a direction that it is not for is in zone 0.
     *
     * @param directions bit 0 for the original direction, bit 1 for the answers
     */
    public record Zone(int id, int directions) {
        int of(int direction) {
            return (directions & (1 << direction)) != 0 ? id : 0;
        }
    }

    /** An entry that is not in the table, with one reference. */
    public Connection(FlowTuple original, Zone zone) {
        this.original = original;
        this.reply = original.inverted();
        this.zone = zone;
    }

    /** The entry of a description: in the table from the start, and for ever unless it says so. */
    static Connection described(FlowTuple original, Zone zone, int status) {
        Connection connection = new Connection(original, zone);
        connection.status = status | CONFIRMED;
        connection.lasting = true;
        return connection;
    }

    public FlowTuple original() {
        return original;
    }

    public synchronized FlowTuple reply() {
        return reply;
    }

    /** What the answers look like, for translated addresses. */
    public synchronized void setReply(FlowTuple tuple) {
        reply = tuple;
    }

    public Zone zone() {
        return zone;
    }

    public synchronized int status() {
        return status;
    }

    /** Sets bits of the status; none is ever cleared. */
    public synchronized void addStatus(int bits) {
        status |= bits;
    }

    /** Ticks of the clock at which the entry ends; before it is in the table, how many it has. */
    public synchronized int timeout() {
        return timeout;
    }

    public synchronized void setTimeout(int ticks) {
        timeout = ticks;
        lasting = false;
    }

    public synchronized boolean isConfirmed() {
        return (status & CONFIRMED) != 0;
    }

    /** Whether its time is over. */
    synchronized boolean isExpired(int now) {
        return !lasting && timeout - now <= 0;
    }

    /** Takes a reference. */
    public synchronized void acquire() {
        references++;
    }

    /** Gives a reference back; whether it was the last. */
    public synchronized boolean release() {
        return --references == 0;
    }

    /** Where its {@code struct nf_conn} lies, 0 before somebody asked. */
    public synchronized long address() {
        return address;
    }

    synchronized void setAddress(long newAddress) {
        address = newAddress;
    }

    @Override
    public String toString() {
        return "connection from " + original.source() + " to " + original.destination();
    }
}
