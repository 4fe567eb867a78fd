package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapFlags;

/**
 * Gives slots to an LRU hash map, evicting elements when none is free (kernel: {@code struct
 * bpf_lru}). Two forms: one {@link LruList} for all CPUs with a small supply of free slots on each
 * CPU, refilled in batches; or with {@code BPF_F_NO_COMMON_LRU} a list for each CPU that never
 * gives to another.
 */
final class Lru {
    private static final int LOCAL_FREE_TARGET = 128;
    private static final int LOCAL_SCANS = 128;
    private static final int PERCPU_FREE_TARGET = 4;
    private static final int PERCPU_SCANS = 4;

    private final HashTable table;
    private final boolean common;
    private final int cpus;
    private final int target;

    /** The common list, or one for each CPU. */
    private final LruList[] lists;

    private final SpinGuard[] listGuards;
    private final SpinGuard[] localGuards;
    private final int firstLocalEnd;
    private final int[] nextSteal;

    Lru(MapSpec spec, MapHost host, HashTable table) {
        this.table = table;
        this.common = isCommon(spec);
        this.cpus = host.cpus();
        int entries = spec.maxEntries();
        this.target =
                common ? Math.clamp(entries / cpus / 2, 1, LOCAL_FREE_TARGET) : PERCPU_FREE_TARGET;
        this.lists = new LruList[common ? 1 : cpus];
        this.listGuards = guards(lists.length);
        this.localGuards = guards(cpus);
        this.firstLocalEnd = entries + LruList.ENDS;
        this.nextSteal = new int[cpus];
        int share = entries / lists.length;
        for (int i = 0; i < lists.length; i++) {
            int end = entries + i * LruList.ENDS;
            lists[i] =
                    new LruList(
                            table,
                            common ? LOCAL_SCANS : PERCPU_SCANS,
                            end,
                            i * share,
                            (i + 1) * share);
        }
        for (int cpu = 0; cpu < cpus; cpu++) {
            nextSteal[cpu] = cpu;
            if (common) {
                LruList.empty(table, freeEnd(cpu));
                LruList.empty(table, pendingEnd(cpu));
            }
        }
    }

    private static boolean isCommon(MapSpec spec) {
        return (spec.flags() & MapFlags.BPF_F_NO_COMMON_LRU) == 0;
    }

    /** Slots that the lists' ends take behind those of the elements. */
    static int ends(MapSpec spec, int cpus) {
        return isCommon(spec) ? LruList.ENDS + 2 * cpus : LruList.ENDS * cpus;
    }

    /** All slots of a map's table, the ends of lists too. */
    static int slots(MapSpec spec, int cpus) {
        return spec.maxEntries() + ends(spec, cpus);
    }

    private static SpinGuard[] guards(int count) {
        SpinGuard[] guards = new SpinGuard[count];
        for (int i = 0; i < count; i++) {
            guards[i] = new SpinGuard();
        }
        return guards;
    }

    private long freeEnd(int cpu) {
        return table.slotAt(firstLocalEnd + 2 * cpu);
    }

    private long pendingEnd(int cpu) {
        return table.slotAt(firstLocalEnd + 2 * cpu + 1);
    }

    /** Notes that an element was looked up. */
    void touch(long slot) {
        if (!LruList.isReferenced(table, slot)) {
            LruList.setReferenced(table, slot, true);
        }
    }

    /**
     * A slot for a new element, for which room is made if need be; 0 if every element is just being
     * changed.
     */
    long take(long key, int hash, int cpu) {
        return common ? takeCommon(key, hash, cpu) : takePercpu(key, hash, cpu);
    }

    private long takePercpu(long key, int hash, int cpu) {
        listGuards[cpu].lock();
        try {
            lists[cpu].rotate();
            long slot = lists[cpu].takeFree(target);
            if (slot != 0) {
                table.setKey(slot, key, hash);
                LruList.setCpu(table, slot, cpu);
            }
            return slot;
        } finally {
            listGuards[cpu].unlock();
        }
    }

    private long takeCommon(long key, int hash, int cpu) {
        localGuards[cpu].lock();
        try {
            long slot = popFree(cpu);
            if (slot == 0) {
                refill(cpu);
                slot = popFree(cpu);
            }
            if (slot != 0) {
                addPending(slot, key, hash, cpu);
                return slot;
            }
        } finally {
            localGuards[cpu].unlock();
        }
        long slot = steal(cpu);
        if (slot != 0) {
            localGuards[cpu].lock();
            addPending(slot, key, hash, cpu);
            localGuards[cpu].unlock();
        }
        return slot;
    }

    private void refill(int cpu) {
        listGuards[0].lock();
        try {
            LruList list = lists[0];
            list.flush(pendingEnd(cpu));
            list.rotate();
            int got = list.giveFree(target, freeEnd(cpu));
            if (got < target) {
                list.shrink(target - got, freeEnd(cpu), LruList.LOCAL_FREE);
            }
        } finally {
            listGuards[0].unlock();
        }
    }

    private long popFree(int cpu) {
        long end = freeEnd(cpu);
        long slot = LruList.next(table, end);
        if (slot == end) {
            return 0;
        }
        LruList.remove(table, slot);
        return slot;
    }

    /** The oldest pending element that was not used since, else the oldest. */
    private long popPending(int cpu) {
        long end = pendingEnd(cpu);
        for (int pass = 0; pass < 2; pass++) {
            for (long slot = LruList.prev(table, end);
                    slot != end;
                    slot = LruList.prev(table, slot)) {
                if ((pass == 1 || !LruList.isReferenced(table, slot))
                        && LruList.evict(table, slot)) {
                    LruList.remove(table, slot);
                    return slot;
                }
            }
        }
        return 0;
    }

    /** A slot of any CPU's supply, this one's included, round robin. */
    private long steal(int cpu) {
        int first = nextSteal[cpu];
        int victim = first;
        long slot;
        do {
            localGuards[victim].lock();
            try {
                slot = popFree(victim);
                if (slot == 0) {
                    slot = popPending(victim);
                }
            } finally {
                localGuards[victim].unlock();
            }
            victim = victim + 1 == cpus ? 0 : victim + 1;
        } while (slot == 0 && victim != first);
        nextSteal[cpu] = victim;
        return slot;
    }

    private void addPending(long slot, long key, int hash, int cpu) {
        table.setKey(slot, key, hash);
        LruList.setCpu(table, slot, cpu);
        LruList.setType(table, slot, LruList.LOCAL_PENDING);
        LruList.setReferenced(table, slot, false);
        LruList.insert(table, slot, pendingEnd(cpu));
    }

    /** Gives back a slot that is in no chain. */
    void give(long slot) {
        int cpu = LruList.cpu(table, slot);
        if (!common) {
            listGuards[cpu].lock();
            lists[cpu].move(slot, LruList.FREE);
            listGuards[cpu].unlock();
            return;
        }
        if (LruList.type(table, slot) == LruList.LOCAL_PENDING) {
            localGuards[cpu].lock();
            try {
                if (LruList.type(table, slot) == LruList.LOCAL_PENDING) {
                    LruList.setType(table, slot, LruList.LOCAL_FREE);
                    LruList.setReferenced(table, slot, false);
                    LruList.remove(table, slot);
                    LruList.insert(table, slot, freeEnd(cpu));
                    return;
                }
            } finally {
                localGuards[cpu].unlock();
            }
        }
        listGuards[0].lock();
        lists[0].move(slot, LruList.FREE);
        listGuards[0].unlock();
    }
}
