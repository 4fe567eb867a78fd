package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.btf.value.Bits;

import java.math.BigInteger;

/** Floating-point numbers of 4 and 8 bytes. */
final class FloatLayout extends Layout {
    FloatLayout(int bytes) {
        super(bytes);
    }

    @Override
    String name() {
        return size == 4 ? "float" : "double";
    }

    @Override
    Object read(Storage storage, long address) {
        return size == 4
                ? (double) Float.intBitsToFloat(storage.getInt(address))
                : Double.longBitsToDouble(storage.getLong(address));
    }

    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        double number = INTEROP.asDouble(value);
        if (size == 4 && Float.isInfinite((float) number) && !Double.isInfinite(number)) {
            throw outOfRange(value, what);
        }
        long bits =
                size == 4
                        ? Integer.toUnsignedLong(Float.floatToIntBits((float) number))
                        : Double.doubleToLongBits(number);
        Bits.write(target, 8L * offset, (int) (8 * size), BigInteger.valueOf(bits), order.order());
    }
}
