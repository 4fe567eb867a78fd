package org.trufflebpf.world;

import org.trufflebpf.world.Connection.Zone;
import org.trufflebpf.world.TypedMemory.Place;
import org.trufflebpf.world.WorldSpec.ConnectionSpec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The table of tracked connections: those of the description and those that programs insert, until
 * their time is over. Each is found by the tuples of both directions. Thread-safe.
 */
public final class Conntrack {
    /** The direction in which a connection was opened ({@code IP_CT_DIR_ORIGINAL}). */
    public static final int ORIGINAL = 0;

    /** The direction of the answers ({@code IP_CT_DIR_REPLY}). */
    public static final int REPLY = 1;

    /** Bytes of an entry where no BTF tells; nothing of them means anything then. */
    private static final long UNKNOWN_SIZE = 8;

    private final Supplier<TypedMemory> types;
    private final Map<Key, Connection> table = new HashMap<>();
    private final Map<Long, Connection> byAddress = new HashMap<>();

    private record Key(FlowTuple tuple, int direction, int zone) {}

    /** Where entries get their memory. */
    public interface Slots {
        /** The address of zeroed bytes, 0 if there is no room. */
        long allocate(long size);

        void free(long address);
    }

    /**
     * A connection and the direction in which a tuple is its.
     *
     * @param direction {@link #ORIGINAL} or {@link #REPLY}
     */
    public record Found(Connection connection, int direction) {}

    Conntrack(List<ConnectionSpec> described, Supplier<TypedMemory> types) {
        this.types = types;
        for (ConnectionSpec spec : described) {
            put(Connection.described(spec.tuple(), new Zone(spec.zone(), 3), spec.status()));
        }
    }

    private void put(Connection connection) {
        table.put(key(connection.original(), ORIGINAL, connection.zone()), connection);
        table.put(key(connection.reply(), REPLY, connection.zone()), connection);
    }

    private static Key key(FlowTuple tuple, int direction, Zone zone) {
        return new Key(tuple, direction, zone.of(direction));
    }

    /**
     * The connection that a tuple belongs to, or {@code null}. What has expired is not found any
     * more, and leaves the table.
     *
     * @param now ticks of the clock
     */
    public synchronized Found find(FlowTuple tuple, Zone zone, int now, Slots slots) {
        for (int direction = ORIGINAL; direction <= REPLY; direction++) {
            Connection connection = table.get(key(tuple, direction, zone));
            if (connection != null && connection.isExpired(now)) {
                remove(connection, slots);
            } else if (connection != null) {
                return new Found(connection, direction);
            }
        }
        return null;
    }

    /**
     * Puts an entry into the table, from when on its time counts.
     *
     * @return false if the tuple of a direction is there already
     */
    public synchronized boolean insert(Connection connection, int now, Slots slots) {
        boolean known =
                find(connection.original(), connection.zone(), now, slots) != null
                        || find(connection.reply(), connection.zone(), now, slots) != null;
        if (!known) {
            connection.setTimeout(connection.timeout() + now);
            connection.addStatus(Connection.CONFIRMED);
            connection.acquire();
            put(connection);
            show(connection);
        }
        return !known;
    }

    private void remove(Connection connection, Slots slots) {
        table.values().removeIf(connection::equals);
        release(connection, slots);
    }

    /** Gives back a reference; with the last one the entry's memory goes. */
    public synchronized void release(Connection connection, Slots slots) {
        if (connection.release() && connection.address() != 0) {
            byAddress.remove(connection.address());
            slots.free(connection.address());
        }
    }

    /** The entry at an address, or {@code null}. */
    public synchronized Connection at(long address) {
        return byAddress.get(address);
    }

    /** The address of an entry's {@code struct nf_conn}, 0 if there is no room for it. */
    public synchronized long address(Connection connection, Slots slots) {
        if (connection.address() == 0) {
            TypedMemory memory = types.get();
            int type = memory == null ? 0 : memory.struct("nf_conn");
            long address = slots.allocate(type == 0 ? UNKNOWN_SIZE : memory.sizeOf(type));
            if (address == 0) {
                return 0;
            }
            connection.setAddress(address);
            byAddress.put(address, connection);
            show(connection);
        }
        return connection.address();
    }

    /** Writes what the kernel's structure shows of an entry, as far as the target has it. */
    public synchronized void show(Connection connection) {
        TypedMemory memory = types.get();
        int type = memory == null ? 0 : memory.struct("nf_conn");
        if (type == 0 || connection.address() == 0) {
            return;
        }
        Place place = memory.at(type, connection.address());
        memory.put(place, "status", connection.status());
        memory.put(place, "timeout", connection.timeout());
        memory.put(place, "zone.id", connection.zone().id());
        memory.put(place, "zone.dir", connection.zone().directions());
        Place hashes = memory.field(place, "tuplehash");
        if (hashes != null) {
            show(memory, memory.element(hashes, ORIGINAL), connection.original(), ORIGINAL);
            show(memory, memory.element(hashes, REPLY), connection.reply(), REPLY);
        }
    }

    private static void show(TypedMemory memory, Place hash, FlowTuple tuple, int direction) {
        memory.put(hash, "tuple.src.l3num", tuple.source().address().isV6() ? 10 : 2);
        memory.putBytes(hash, "tuple.src.u3.all", tuple.source().address().bytes());
        memory.putNetwork(hash, "tuple.src.u.all", tuple.source().port(), 2);
        memory.putBytes(hash, "tuple.dst.u3.all", tuple.destination().address().bytes());
        memory.putNetwork(hash, "tuple.dst.u.all", tuple.destination().port(), 2);
        memory.put(hash, "tuple.dst.protonum", tuple.protocol());
        memory.put(hash, "tuple.dst.dir", direction);
    }
}
