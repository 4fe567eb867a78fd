package org.trufflebpf.map;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;

/**
 * {@code struct bpf_spin_lock}: mutual exclusion by a 4-byte word in the arena, between programs on
 * any thread and user space's {@code BPF_F_LOCK}. The word holds 0 or the number of the thread that
 * owns the lock, so that what would hang a kernel's CPU, taking a lock twice, ends the run instead.
 */
public final class SpinLock {
    private static final int SPINS = 64;

    private SpinLock() {}

    /**
     * Waits for the lock and takes it.
     *
     * @throws BpfException TRAP if this thread has it already
     */
    public static void lock(Memory memory, long address) {
        int self = self();
        if (!memory.compareAndSetInt(address, 0, self)) {
            contend(memory, address, self);
        }
    }

    private static void contend(Memory memory, long address, int self) {
        int spins = 0;
        do {
            if (memory.getIntVolatile(address) == self) {
                throw BpfException.trap("bpf_spin_lock of a lock that this run holds already");
            }
            pause(spins++);
        } while (!memory.compareAndSetInt(address, 0, self));
    }

    /** Takes the lock, or gives up after some time. */
    public static boolean tryLock(Memory memory, long address, long nanos) {
        int self = self();
        long start = System.nanoTime();
        for (int spins = 0; !memory.compareAndSetInt(address, 0, self); spins++) {
            if (System.nanoTime() - start > nanos) {
                return false;
            }
            pause(spins);
        }
        return true;
    }

    /**
     * Gives the lock back.
     *
     * @throws BpfException TRAP if this thread does not have it
     */
    public static void unlock(Memory memory, long address) {
        if (!memory.compareAndSetInt(address, self(), 0)) {
            throw BpfException.trap("bpf_spin_unlock of a lock that this run does not hold");
        }
    }

    /** Whether the current thread has the lock. */
    public static boolean isHeld(Memory memory, long address) {
        return memory.getIntVolatile(address) == self();
    }

    static void pause(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    private static int self() {
        return (int) Thread.currentThread().threadId() | Integer.MIN_VALUE;
    }
}
