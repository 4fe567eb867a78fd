package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.failure.BpfException;

/** The values of all CPUs as user space passes them: one for each, rounded up to 8 bytes. */
final class PerCpuLayout extends Layout {
    private final Layout element;
    private final int slot;
    private final int cpus;

    PerCpuLayout(Layout element, int slot, int cpus) {
        super((long) slot * cpus);
        this.element = element;
        this.slot = slot;
        this.cpus = cpus;
    }

    @Override
    String name() {
        return "array of " + cpus + " values, one for each CPU,";
    }

    @Override
    boolean takesArrayOfBytes() {
        return element instanceof BytesLayout;
    }

    @Override
    Object read(Storage storage, long address) {
        long[] addresses = new long[cpus];
        for (int cpu = 0; cpu < cpus; cpu++) {
            addresses[cpu] = address + (long) cpu * slot;
        }
        return new PerCpuValue(element, storage, addresses);
    }

    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        if (INTEROP.getArraySize(value) != cpus) {
            throw BpfException.usage(
                    INTEROP.getArraySize(value)
                            + " values where there are "
                            + cpus
                            + " CPUs:"
                            + what);
        }
        for (int cpu = 0; cpu < cpus; cpu++) {
            element.encodePart(
                    INTEROP.readArrayElement(value, cpu),
                    target,
                    offset + cpu * slot,
                    order,
                    " of CPU " + cpu + "," + what);
        }
    }
}
