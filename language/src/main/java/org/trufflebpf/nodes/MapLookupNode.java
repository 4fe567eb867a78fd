package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.helper.HelperCall;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.map.ArrayMap;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.runtime.Run;

/**
 * {@code bpf_map_lookup_elem}. A call nearly always meets one map, so the node remembers it: in an
 * array a lookup is then a compare and a multiply-add; in maps that have a short way ({@link
 * BpfMap#tryLookup}) that is compiled into the program; in any other map it is one call.
 */
abstract class MapLookupNode extends Node {
    final HelperRow row;
    final boolean exclusive;

    /** The key needs no check. */
    final boolean verified;

    MapLookupNode(HelperRow row, boolean exclusive, boolean verified) {
        this.row = row;
        this.exclusive = exclusive;
        this.verified = verified;
    }

    /** The value's address or 0; throws TRAP without a place. */
    abstract long execute(Run run, long handle, long key);

    @Specialization(
            guards = {"exclusive", "handle == cachedHandle", "array != null"},
            limit = "1")
    static long array(
            Run run,
            @SuppressWarnings("unused") long handle,
            long key,
            @SuppressWarnings("unused") @Cached("handle") long cachedHandle,
            @SuppressWarnings("unused") @Cached("plainArray(run, handle)") ArrayMap array,
            @Cached("check(4)") CheckNode check,
            @Cached("array.valuesStart()") long start,
            @Cached("array.slotSize()") int slotSize,
            @Cached("array.maxEntries()") int entries) {
        if (check != null) {
            check.execute(run, key);
        }
        int index = run.memory().getInt(key);
        return Integer.compareUnsigned(index, entries) < 0
                ? start + (index & 0xffff_ffffL) * slotSize
                : 0;
    }

    @Specialization(
            guards = {"exclusive", "handle == cachedHandle", "map != null"},
            limit = "1")
    static long one(
            Run run,
            @SuppressWarnings("unused") long handle,
            long key,
            @SuppressWarnings("unused") @Cached("handle") long cachedHandle,
            @Cached("plainMap(run, handle)") BpfMap map,
            @Cached("check(map.keySize())") CheckNode check) {
        if (check != null) {
            check.execute(run, key);
        }
        int cpu = run.cpu();
        long value = map.tryLookup(key, cpu);
        return value == BpfMap.UNKNOWN ? lookup(map, key, cpu) : value;
    }

    @Specialization(replaces = {"array", "one"})
    @TruffleBoundary
    long any(Run run, long handle, long key) {
        return verified
                ? row.function().call(run, handle, key, 0, 0, 0)
                : HelperCall.call(run, row, handle, key, 0, 0, 0);
    }

    @TruffleBoundary
    private static long lookup(BpfMap map, long key, int cpu) {
        return map.lookup(key, cpu);
    }

    final CheckNode check(int size) {
        return verified ? null : CheckNodeGen.create(size, false, exclusive);
    }

    /** The map of a handle where lookups of it need no more than a key, else {@code null}. */
    @TruffleBoundary
    static BpfMap plainMap(Run run, long handle) {
        return run.machine().handles().get(handle) instanceof BpfMap map
                        && map.keySize() > 0
                        && map.isReadableByPrograms()
                ? map
                : null;
    }

    static ArrayMap plainArray(Run run, long handle) {
        return plainMap(run, handle) instanceof ArrayMap array ? array : null;
    }
}
