package org.trufflebpf.context;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * The packet of a run, and what the kernel knows of it besides its bytes. Lives in {@link
 * Run#extension()}. The packet lies somewhere in the run's packet space; whoever moves its bounds
 * calls {@link #publish}, which writes the pointers into the context and sets the bounds of {@link
 * Run#packet()}: those always span exactly what the program may address.
 *
 * <p>Addresses are guest addresses. An skb is always linear here; an XDP buffer may have fragments,
 * which lie apart.
 */
public final class Packet {
    /** Bytes of an Ethernet header. */
    public static final int ETH_HLEN = 14;

    /**
     * Where the context keeps the pointers into the packet; -1 for a pointer that it does not have.
     */
    public record Layout(int data, int end, int meta, int len) {}

    private final Run run;
    private final Layout layout;

    /** First byte of the buffer. */
    private long hardStart;

    /** Behind the last byte that the packet may grow to. */
    private long hardEnd;

    private long data;
    private long end;
    private long meta;
    private long macHeader;
    private long networkHeader;
    private long fragStart;
    private int fragSize;
    private int checksumLevel = -1;
    private Redirect redirect;
    private boolean hashed;
    private boolean encapsulated;
    private long socketCookie;
    private Tunnel tunnel;

    /**
     * Where a program said the packet should go.
     *
     * @param ifindex the interface, or 0 if a map was named
     * @param map name of the map, or {@code null}
     * @param key the key in the map
     * @param flags the helper's flags
     */
    public record Redirect(int ifindex, String map, long key, long flags) {}

    /**
     * The tunnel that a packet is to go through.
     *
     * @param key {@code struct bpf_tunnel_key}
     * @param v6 whether its addresses are of IPv6
     * @param flags {@code TUNNEL_*}
     * @param options bytes of the tunnel's options
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Tunnel(byte[] key, boolean v6, int flags, byte[] options) {
        public Tunnel withOptions(byte[] newOptions) {
            return new Tunnel(key, v6, flags, newOptions);
        }
    }

    public Packet(Run run, Layout layout) {
        this.run = run;
        this.layout = layout;
    }

    /** The packet of a run, or {@code null}. */
    public static Packet of(Run run) {
        return run.extension() instanceof Packet packet ? packet : null;
    }

    /** Gives the packet its buffer. */
    public void place(long newHardStart, long newHardEnd) {
        hardStart = newHardStart;
        hardEnd = newHardEnd;
    }

    /**
     * Moves the bounds; {@code newMeta} is where metadata starts, equal to {@code newData} if there
     * is none.
     */
    public void setBounds(long newMeta, long newData, long newEnd) {
        meta = newMeta;
        data = newData;
        end = newEnd;
    }

    /** Says where the headers are, for accesses relative to them. */
    public void setHeaders(long newMacHeader, long newNetworkHeader) {
        macHeader = newMacHeader;
        networkHeader = newNetworkHeader;
    }

    /** Gives the packet fragments: bytes that count as packet but cannot be addressed. */
    public void setFragments(long start, int size) {
        fragStart = start;
        fragSize = size;
    }

    /**
     * Writes pointers and length into the context, and sets the bounds of what the program may
     * address.
     */
    public void publish() {
        Memory memory = run.memory();
        long context = run.context().start();
        put(memory, context, layout.data, data);
        put(memory, context, layout.end, end);
        put(memory, context, layout.meta, meta);
        put(memory, context, layout.len, end - data);
        run.packet().resize(meta, end);
        run.usePacket(end);
    }

    private static void put(Memory memory, long context, int offset, long value) {
        if (offset >= 0) {
            memory.putInt(context + offset, (int) value);
        }
    }

    public long hardStart() {
        return hardStart;
    }

    public long hardEnd() {
        return hardEnd;
    }

    public long data() {
        return data;
    }

    public long end() {
        return end;
    }

    public long meta() {
        return meta;
    }

    public long macHeader() {
        return macHeader;
    }

    public long networkHeader() {
        return networkHeader;
    }

    /** Bytes that the program can address, without metadata. */
    public int linear() {
        return (int) (end - data);
    }

    /** All bytes of the packet, those of fragments too. */
    public int length() {
        return linear() + fragSize;
    }

    public long fragStart() {
        return fragStart;
    }

    public int fragSize() {
        return fragSize;
    }

    public boolean hasMeta() {
        return meta < data;
    }

    /**
     * How many checksums in a row were found right, less one; -1 if none was ({@code
     * CHECKSUM_NONE}).
     */
    public int checksumLevel() {
        return checksumLevel;
    }

    public void setChecksumLevel(int level) {
        checksumLevel = level;
    }

    /** Whether the hash in the context stands for the packet's flow. */
    public boolean isHashed() {
        return hashed;
    }

    public void setHashed(boolean isHashed) {
        hashed = isHashed;
    }

    /** Whether an outer header was pushed. */
    public boolean isEncapsulated() {
        return encapsulated;
    }

    public void setEncapsulated() {
        encapsulated = true;
    }

    /** The cookie of the packet's socket, or 0 if nobody has asked for it yet. */
    public long socketCookie() {
        return socketCookie;
    }

    public void setSocketCookie(long cookie) {
        socketCookie = cookie;
    }

    /** The tunnel that the program set, or {@code null}. */
    public Tunnel tunnel() {
        return tunnel;
    }

    public void setTunnel(Tunnel newTunnel) {
        tunnel = newTunnel;
    }

    /** Where the program last redirected the packet to, or {@code null}. */
    public Redirect redirect() {
        return redirect;
    }

    public void setRedirect(Redirect newRedirect) {
        redirect = newRedirect;
    }

    /** Where {@code size} bytes at an offset lie in one piece, or -1. */
    public long at(int offset, int size) {
        if (offset < 0 || size < 0 || offset > length() - size) {
            return -1;
        }
        int linear = linear();
        if (offset + size <= linear) {
            return data + offset;
        }
        return offset >= linear ? fragStart + (offset - linear) : -1;
    }

    /** Copies packet bytes to memory; the caller has checked the range. */
    public void load(int offset, long to, int size) {
        int first = Math.clamp(linear() - offset, 0, size);
        Memory memory = run.memory();
        memory.copy(data + offset, to, first);
        if (first < size) {
            memory.copy(fragStart + (offset + first - linear()), to + first, size - first);
        }
    }

    /** Copies memory to the packet; the caller has checked the range. */
    public void store(int offset, long from, int size) {
        int first = Math.clamp(linear() - offset, 0, size);
        Memory memory = run.memory();
        memory.copy(from, data + offset, first);
        if (first < size) {
            memory.copy(from + first, fragStart + (offset + first - linear()), size - first);
        }
    }

    /** The bytes from {@code start} (metadata or data) to the end, fragments included. */
    public byte[] bytes(long start) {
        int linear = (int) (end - start);
        byte[] bytes = new byte[linear + fragSize];
        run.memory().read(start, bytes, 0, linear);
        if (fragSize > 0) {
            run.memory().read(fragStart, bytes, linear, fragSize);
        }
        return bytes;
    }

    /**
     * Makes room for {@code size} bytes in front of the packet; addresses read from this object
     * before are void.
     */
    public void reserveHead(int size) {
        if (data - size < hardStart) {
            move(hardStart + (hardEnd - hardStart - linear()) / 2);
        }
    }

    /**
     * Makes room for the packet to have {@code size} bytes; addresses read from this object before
     * are void.
     */
    public void reserveTail(int size) {
        if (data + size > hardEnd) {
            move(hardStart + (hardEnd - hardStart - size) / 2);
        }
    }

    /**
     * Moves the packet and the bytes between its headers and its front to another place in its
     * buffer.
     */
    private void move(long newData) {
        long from = Math.min(data, Math.min(macHeader, networkHeader));
        long delta = newData - data;
        run.memory().copy(from, from + delta, end - from);
        data += delta;
        end += delta;
        meta += delta;
        macHeader += delta;
        networkHeader += delta;
    }
}
