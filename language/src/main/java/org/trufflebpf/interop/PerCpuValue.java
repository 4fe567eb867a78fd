package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The values that a key of a per-CPU map has on the CPUs: an array by number of the CPU, live. */
final class PerCpuValue extends ElementsValue {
    private final Layout layout;
    private final Storage storage;
    private final long[] addresses;

    PerCpuValue(Layout layout, Storage storage, long[] addresses) {
        this.layout = layout;
        this.storage = storage;
        this.addresses = addresses;
    }

    @Override
    Object identity() {
        return List.of(layout, storage.identity(), addresses[0]);
    }

    @Override
    String display() {
        return Arrays.stream(addresses)
                .mapToObj(address -> Layout.show(layout.read(storage, address)))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    long length() {
        return addresses.length;
    }

    @Override
    boolean isWritable() {
        return storage.isWritable();
    }

    @Override
    @TruffleBoundary
    Object element(long index) {
        return layout.read(storage, addresses[(int) index]);
    }

    @Override
    void setElement(long index, Object value) {
        layout.write(storage, addresses[(int) index], value, " of CPU " + index);
    }
}
