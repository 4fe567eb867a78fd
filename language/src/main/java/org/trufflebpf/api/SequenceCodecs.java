package org.trufflebpf.api;

import java.lang.reflect.Array;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Values that are many in C: text, arrays, bytes. */
final class SequenceCodecs {
    private SequenceCodecs() {}

    /** Text up to the first NUL; each byte is one character, as in the kernel. */
    record Text() implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            int start = (int) (bit / 8);
            int end = start;
            while (end < start + width / 8 && bytes[end] != 0) {
                end++;
            }
            return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            byte[] text = ((String) value).getBytes(StandardCharsets.ISO_8859_1);
            if (text.length > width / 8) {
                throw BpfException.usage("'" + value + "' is longer than char[" + width / 8 + "]");
            }
            System.arraycopy(text, 0, bytes, (int) (bit / 8), text.length);
        }
    }

    /** An array of the Java type, or a list where there is none. */
    record Elements(Layout.Array array, Codec codec, Class<?> type) implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            int each = 8 * array.element().size();
            if (type == null) {
                List<Object> list = new ArrayList<>(array.count());
                for (int i = 0; i < array.count(); i++) {
                    list.add(codec.read(bytes, bit + (long) i * each, each, order));
                }
                return List.copyOf(list);
            }
            Object elements = Array.newInstance(type, array.count());
            for (int i = 0; i < array.count(); i++) {
                Array.set(elements, i, codec.read(bytes, bit + (long) i * each, each, order));
            }
            return elements;
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            int each = 8 * array.element().size();
            int given = value instanceof List<?> list ? list.size() : Array.getLength(value);
            if (given != array.count()) {
                throw BpfException.usage(
                        given + " elements for " + array.name() + ", expected " + array.count());
            }
            for (int i = 0; i < given; i++) {
                Object element = value instanceof List<?> list ? list.get(i) : Array.get(value, i);
                codec.write(bytes, bit + (long) i * each, each, order, element);
            }
        }
    }

    record Raw(int size) implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            byte[] part = new byte[size];
            System.arraycopy(bytes, (int) (bit / 8), part, 0, size);
            return part;
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            byte[] part = (byte[]) value;
            if (part.length != size) {
                throw BpfException.usage(part.length + " bytes given, expected " + size);
            }
            System.arraycopy(part, 0, bytes, (int) (bit / 8), size);
        }
    }
}
