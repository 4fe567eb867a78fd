package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.ValueFields;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.ObjectStore;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.Connection;
import org.trufflebpf.world.Connection.Zone;
import org.trufflebpf.world.Conntrack;
import org.trufflebpf.world.Conntrack.Found;
import org.trufflebpf.world.FlowTuple;
import org.trufflebpf.world.IpAddress;
import org.trufflebpf.world.IpEndpoint;
import org.trufflebpf.world.Socket;

import java.util.Map;

/**
 * Connection tracking: looks entries up, makes and changes them ({@code nf_conntrack_bpf.c}, {@code
 * nf_nat_bpf.c}). The table is that of the simulated environment.
 */
final class ConntrackKfuncs {
    // struct bpf_ct_opts
    private static final int NETNS_ID = 0;
    private static final int ERROR = 4;
    private static final int L4PROTO = 8;
    private static final int DIR = 9;
    private static final int ZONE_ID = 10;
    private static final int ZONE_DIR = 12;
    private static final int RESERVED = 13;
    private static final int OPTS_SIZE = 16;

    /** Of the kernels that knew no zones. */
    private static final int OLD_OPTS_SIZE = 12;

    private static final int CURRENT_NETNS = -1;
    private static final int BOTH_DIRECTIONS = 3;

    /** Milliseconds that a new entry has until its program says otherwise. */
    private static final int NEW_TIMEOUT = 10_000;

    /** {@code NF_NAT_MANIP_SRC}; the other is the destination. */
    private static final int MANIP_SRC = 0;

    /** The table of a run, with the memory that its entries get. */
    private record Table(Run run) implements Conntrack.Slots {
        @Override
        public long allocate(long size) {
            return run.machine()
                    .store()
                    .create(new ObjectStore.Type("nf_conn", size, ValueFields.NONE, 0));
        }

        @Override
        public void free(long address) {
            run.machine().store().drop(address);
        }

        Conntrack entries() {
            return run.machine().world().conntrack();
        }

        /** Ticks, of which the kernel keeps 32 bits ({@code nfct_time_stamp}). */
        int now() {
            return (int) TimeHelpers.jiffies(run.machine());
        }

        /** The entry that a program has a reference to. */
        Connection entry(long address) {
            Connection connection = entries().at(address);
            if (connection == null) {
                throw BpfException.trap("0x" + Long.toHexString(address) + " is no struct nf_conn");
            }
            return connection;
        }
    }

    /** Does something to what lookups and new entries are asked for. */
    @FunctionalInterface
    private interface Request {
        /** The address of an entry; sets the error if it gives 0. */
        long answer(Table table, FlowTuple tuple, Zone zone, long opts);
    }

    /** Does something to an entry. */
    @FunctionalInterface
    private interface Change {
        long apply(Table table, Connection connection, long argument);
    }

    private ConntrackKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        for (String context : new String[] {"xdp", "skb"}) {
            all.put(
                    context + "_ct_lookup",
                    (run, ctx, tuple, size, opts, optsSize) ->
                            ask(run, tuple, size, opts, optsSize, ConntrackKfuncs::lookup));
            all.put(
                    context + "_ct_alloc",
                    (run, ctx, tuple, size, opts, optsSize) ->
                            ask(run, tuple, size, opts, optsSize, ConntrackKfuncs::create));
        }
        change(all, "ct_insert_entry", (table, connection, none) -> insert(table, connection));
        change(
                all,
                "ct_release",
                (table, connection, none) -> {
                    table.entries().release(connection, table);
                    return 0;
                });
        change(
                all,
                "ct_set_timeout",
                (table, connection, millis) -> {
                    setTimeout(table, connection, millis);
                    return 0;
                });
        change(all, "ct_change_timeout", ConntrackKfuncs::changeTimeout);
        change(all, "ct_set_status", ConntrackKfuncs::changeStatus);
        change(all, "ct_change_status", ConntrackKfuncs::changeStatus);
        all.put("ct_set_nat_info", ConntrackKfuncs::translate);
    }

    private static void change(Map<String, HelperFunction> all, String name, Change change) {
        all.put(
                name,
                (run, entry, argument, r3, r4, r5) -> {
                    Table table = new Table(run);
                    return change.apply(table, table.entry(entry), argument);
                });
    }

    private static long ask(
            Run run, long tuple, long size, long opts, long optsSize, Request request) {
        Memory memory = run.memory();
        Errno refusal = refusal(memory, size, opts, optsSize);
        if (refusal != null) {
            return fail(memory, opts, optsSize, refusal);
        }
        int directions = BOTH_DIRECTIONS;
        int zone = 0;
        if (optsSize == OPTS_SIZE) {
            if (memory.getByte(opts + ZONE_DIR) == 0) {
                memory.putByte(opts + ZONE_DIR, (byte) BOTH_DIRECTIONS);
            }
            directions = memory.getByte(opts + ZONE_DIR);
            zone = Short.toUnsignedInt(memory.getShort(opts + ZONE_ID));
        }
        FlowTuple flow =
                SocketLookupHelpers.flow(memory, tuple, size, memory.getByte(opts + L4PROTO));
        return request.answer(new Table(run), flow, new Zone(zone, directions), opts);
    }

    private static long fail(Memory memory, long opts, long optsSize, Errno error) {
        if (optsSize >= ERROR + Integer.BYTES) {
            memory.putInt(opts + ERROR, (int) error.negative());
        }
        return 0;
    }

    private static Errno refusal(Memory memory, long size, long opts, long optsSize) {
        boolean old = optsSize == OLD_OPTS_SIZE;
        if (optsSize != OPTS_SIZE && !old) {
            return Errno.EINVAL;
        }
        boolean wrong =
                old
                        ? memory.getShort(opts + ZONE_ID) != 0
                        : memory.getByte(opts + RESERVED) != 0
                                || memory.getShort(opts + RESERVED + 1) != 0;
        int netns = memory.getInt(opts + NETNS_ID);
        int protocol = memory.getByte(opts + L4PROTO);
        if (!wrong && netns >= CURRENT_NETNS && protocol != Socket.TCP && protocol != Socket.UDP) {
            return Errno.EPROTO;
        }
        if (wrong || netns < CURRENT_NETNS) {
            return Errno.EINVAL;
        }
        if (size != SocketLookupHelpers.TUPLE_V4 && size != SocketLookupHelpers.TUPLE_V6) {
            return Errno.EAFNOSUPPORT;
        }
        // there is one network namespace, and it has no id for itself
        return netns > CURRENT_NETNS ? Errno.ENONET : null;
    }

    private static long lookup(Table table, FlowTuple tuple, Zone zone, long opts) {
        Memory memory = table.run().memory();
        Found found = table.entries().find(tuple, zone, table.now(), table);
        if (found == null) {
            return fail(memory, opts, OPTS_SIZE, Errno.ENOENT);
        }
        long address = table.entries().address(found.connection(), table);
        if (address == 0) {
            return fail(memory, opts, OPTS_SIZE, Errno.ENOMEM);
        }
        found.connection().acquire();
        memory.putByte(opts + DIR, (byte) found.direction());
        return address;
    }

    private static long create(Table table, FlowTuple tuple, Zone zone, long opts) {
        Connection connection = new Connection(tuple, zone);
        connection.setTimeout(ticks(table, NEW_TIMEOUT));
        long address = table.entries().address(connection, table);
        return address != 0 ? address : fail(table.run().memory(), opts, OPTS_SIZE, Errno.ENOMEM);
    }

    /** The program's reference goes if the entry cannot be inserted. */
    private static long insert(Table table, Connection connection) {
        if (table.entries().insert(connection, table.now(), table)) {
            return connection.address();
        }
        table.entries().release(connection, table);
        return 0;
    }

    /** Ticks of milliseconds, rounded up ({@code msecs_to_jiffies}). */
    private static int ticks(Table table, long millis) {
        int hertz = table.run().machine().world().spec().hertz();
        return (int) Math.min(Integer.MAX_VALUE, ((millis & 0xffff_ffffL) * hertz + 999) / 1000);
    }

    private static void setTimeout(Table table, Connection connection, long millis) {
        int ticks = ticks(table, millis);
        connection.setTimeout(connection.isConfirmed() ? table.now() + ticks : ticks);
        table.entries().show(connection);
    }

    private static long changeTimeout(Table table, Connection connection, long millis) {
        if ((connection.status() & Connection.FIXED_TIMEOUT) != 0) {
            return Errno.EPERM.negative();
        }
        setTimeout(table, connection, millis);
        return 0;
    }

    private static long changeStatus(Table table, Connection connection, long argument) {
        int status = (int) argument;
        int old = connection.status();
        int fixed = Connection.EXPECTED | Connection.CONFIRMED | Connection.DYING;
        int lost = old & ~status & (Connection.SEEN_REPLY | Connection.ASSURED);
        if (((old ^ status) & fixed) != 0 || lost != 0) {
            return Errno.EBUSY.negative();
        }
        connection.addStatus(status & ~Connection.UNCHANGEABLE & Connection.KNOWN);
        table.entries().show(connection);
        return 0;
    }

    /**
     * Gives one end of an entry that is not in the table yet another address, and a port if one is
     * named; else it keeps its port.
     */
    private static long translate(
            Run run, long entry, long address, long port, long manip, long r5) {
        Table table = new Table(run);
        Connection connection = table.entry(entry);
        boolean source = (int) manip == MANIP_SRC;
        int done = source ? Connection.SRC_NAT_DONE : Connection.DST_NAT_DONE;
        if ((connection.status() & done) != 0) {
            return Errno.ENOMEM.negative();
        }
        FlowTuple reply = connection.reply();
        IpEndpoint old = source ? reply.destination() : reply.source();
        IpEndpoint end =
                new IpEndpoint(
                        new IpAddress(run.memory().read(address, old.address().bytes().length)),
                        (int) port > 0 ? (int) port & 0xffff : old.port());
        if (!end.equals(old)) {
            connection.setReply(
                    new FlowTuple(
                            reply.protocol(),
                            source ? reply.source() : end,
                            source ? end : reply.destination()));
            connection.addStatus(source ? Connection.SRC_NAT : Connection.DST_NAT);
        }
        connection.addStatus(done);
        table.entries().show(connection);
        return 0;
    }
}
