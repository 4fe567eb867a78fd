package org.trufflebpf.api;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The bytes of keys or values as Java values. Immutable. */
interface Form<T> {
    T read(byte[] bytes);

    byte[] write(T value);

    /** One value. */
    record Single<T>(Codec codec, int size, ByteOrder order, Class<T> type) implements Form<T> {
        @Override
        @SuppressWarnings("unchecked") // of a primitive class the codec gives the wrapper
        public T read(byte[] bytes) {
            return (T) codec.read(bytes, 0, 8 * size, order);
        }

        @Override
        public byte[] write(T value) {
            byte[] bytes = new byte[size];
            codec.write(bytes, 0, 8 * size, order, value);
            return bytes;
        }
    }

    /** The values of all CPUs, each in a multiple of 8 bytes. */
    record PerCpu<T>(Form<T> each, int size) implements Form<List<T>> {
        private int slot() {
            return (size + 7) & -8;
        }

        @Override
        public List<T> read(byte[] bytes) {
            List<T> values = new ArrayList<>();
            for (int at = 0; at + size <= bytes.length; at += slot()) {
                values.add(each.read(Arrays.copyOfRange(bytes, at, at + size)));
            }
            return List.copyOf(values);
        }

        @Override
        public byte[] write(List<T> values) {
            byte[] bytes = new byte[values.size() * slot()];
            for (int cpu = 0; cpu < values.size(); cpu++) {
                System.arraycopy(each.write(values.get(cpu)), 0, bytes, cpu * slot(), size);
            }
            return bytes;
        }
    }
}
