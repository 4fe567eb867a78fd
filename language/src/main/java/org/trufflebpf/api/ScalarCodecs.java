package org.trufflebpf.api;

import java.math.BigInteger;
import java.nio.ByteOrder;

/** Values that are one number in C. A path says in messages which value it is. */
final class ScalarCodecs {
    private ScalarCodecs() {}

    /** Integers of the Java type with so many bits. */
    record Number(String path, boolean signed, int javaBits) implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            long value = BitField.read(bytes, bit, width, order);
            if (signed) {
                value = BitField.signExtend(value, width);
            }
            return switch (javaBits) {
                case Byte.SIZE -> (Object) (byte) value;
                case Short.SIZE -> (short) value;
                case Integer.SIZE -> (int) value;
                default -> value;
            };
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            long number = ((java.lang.Number) value).longValue();
            // all bits of a Java integer of the same width are meant
            boolean fits =
                    width >= javaBits
                            || (signed
                                    ? BitField.signExtend(number, width) == number
                                    : number >>> width == 0);
            if (!fits) {
                throw tooLarge(path, number, width, signed);
            }
            BitField.write(bytes, bit, width, number, order);
        }
    }

    private static BpfException tooLarge(String path, Object number, int width, boolean signed) {
        return BpfException.usage(
                "value " + number + " does not fit " + (signed ? "s" : "u") + width + " " + path);
    }

    record BigNumber(String path, boolean signed) implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            long value = BitField.read(bytes, bit, width, order);
            return signed
                    ? BigInteger.valueOf(BitField.signExtend(value, width))
                    : new BigInteger(Long.toUnsignedString(value));
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            BigInteger number = (BigInteger) value;
            boolean fits =
                    signed
                            ? number.bitLength() < width
                            : number.signum() >= 0 && number.bitLength() <= width;
            if (!fits) {
                throw tooLarge(path, number, width, signed);
            }
            BitField.write(bytes, bit, width, number.longValue(), order);
        }
    }

    record Flag() implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            return BitField.read(bytes, bit, width, order) != 0;
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            BitField.write(bytes, bit, width, (boolean) value ? 1 : 0, order);
        }
    }

    /** Enumerators by name; a value without one as its number. */
    record Name(Layout.Choice choice) implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            long value = BitField.read(bytes, bit, width, order);
            if (choice.signed()) {
                value = BitField.signExtend(value, width);
            }
            String name = choice.nameOf(value);
            return name != null
                    ? name
                    : choice.signed() ? Long.toString(value) : Long.toUnsignedString(value);
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            Long number = choice.values().get((String) value);
            if (number == null) {
                throw BpfException.usage(
                        choice.name()
                                + " has no "
                                + value
                                + "; it has "
                                + String.join(", ", choice.values().keySet()));
            }
            BitField.write(bytes, bit, width, number, order);
        }
    }

    record Constant(Name name, Class<?> type) implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            String constant = (String) name.read(bytes, bit, width, order);
            for (Object candidate : type.getEnumConstants()) {
                if (((Enum<?>) candidate).name().equals(constant)) {
                    return candidate;
                }
            }
            throw BpfException.usage(type.getSimpleName() + " has no constant for " + constant);
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            name.write(bytes, bit, width, order, ((Enum<?>) value).name());
        }
    }

    record Real() implements Codec {
        @Override
        public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
            long raw = BitField.read(bytes, bit, width, order);
            return width == Float.SIZE
                    ? (Object) Float.intBitsToFloat((int) raw)
                    : Double.longBitsToDouble(raw);
        }

        @Override
        public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
            long raw =
                    width == Float.SIZE
                            ? Float.floatToRawIntBits((float) value)
                            : Double.doubleToRawLongBits((double) value);
            BitField.write(bytes, bit, width, raw, order);
        }
    }
}
