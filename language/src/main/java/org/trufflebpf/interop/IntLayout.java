package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.btf.BtfType;
import org.trufflebpf.btf.value.Bits;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * Integers of 1 to 16 bytes, booleans, and bit-fields of either. Unsigned 64 bits and all wider
 * ones are big integers where no {@code long} holds them.
 */
class IntLayout extends Layout {
    final int width;
    final boolean signed;
    final boolean isBool;

    /** Bits from the address to a bit-field, or -1 for an ordinary integer. */
    private final long bitOffset;

    IntLayout(int bytes, boolean signed, boolean isBool) {
        super(bytes);
        this.width = 8 * bytes;
        this.signed = signed;
        this.isBool = isBool;
        this.bitOffset = -1;
    }

    /** A bit-field: its address is that of the structure. */
    IntLayout(long bitOffset, int width, boolean signed, boolean isBool) {
        super((bitOffset + width + 7) / 8);
        this.width = width;
        this.signed = signed;
        this.isBool = isBool;
        this.bitOffset = bitOffset;
    }

    static IntLayout of(BtfType.Int type) {
        return type.bits() > 0 && type.bits() < 8 * type.size()
                ? new IntLayout(type.bitOffset(), type.bits(), type.isSigned(), type.isBool())
                : new IntLayout(type.size(), type.isSigned(), type.isBool());
    }

    @Override
    String name() {
        return isBool ? "bool" : (signed ? "s" : "u") + width;
    }

    private boolean isWhole() {
        return bitOffset < 0 && width <= 64;
    }

    @Override
    boolean takesArrayOfBytes() {
        return bitOffset < 0;
    }

    @Override
    Object read(Storage storage, long address) {
        if (!isWhole()) {
            return readBits(storage, address);
        }
        long raw = load(storage, address);
        if (isBool) {
            return raw != 0;
        }
        if (width == 64 && !signed) {
            return BigNumber.unsigned(raw);
        }
        return width < 32 || (width == 32 && signed) ? (Object) (int) raw : raw;
    }

    /** The bits, extended as the type is signed. */
    private long load(Storage storage, long address) {
        return switch (width) {
            case 8 ->
                    signed
                            ? storage.getByte(address)
                            : Byte.toUnsignedLong(storage.getByte(address));
            case 16 ->
                    signed
                            ? storage.getShort(address)
                            : Short.toUnsignedLong(storage.getShort(address));
            case 32 ->
                    signed
                            ? storage.getInt(address)
                            : Integer.toUnsignedLong(storage.getInt(address));
            default -> storage.getLong(address);
        };
    }

    @TruffleBoundary
    private Object readBits(Storage storage, long address) {
        BigInteger value = storage.readBits(address, Math.max(0, bitOffset), width, signed);
        return isBool ? (Object) (value.signum() != 0) : BigNumber.of(value);
    }

    /** Whether {@link #store} may write this number. */
    final boolean takes(long value) {
        if (!isWhole() || isBool) {
            return false;
        }
        if (width == 64) {
            return signed || value >= 0;
        }
        return signed
                ? value >= -1L << (width - 1) && value < 1L << (width - 1)
                : value >= 0 && value < 1L << width;
    }

    /** Writes a number that {@link #takes} admits. */
    final void store(Storage storage, long address, long value) {
        switch (width) {
            case 8 -> storage.putByte(address, (byte) value);
            case 16 -> storage.putShort(address, (short) value);
            case 32 -> storage.putInt(address, (int) value);
            default -> storage.putLong(address, value);
        }
    }

    @Override
    void write(Storage storage, long address, Object value, String what) {
        BigInteger number;
        try {
            number = number(value, what);
        } catch (InteropException e) {
            if (bitOffset < 0) {
                super.write(storage, address, value, what);
                return;
            }
            throw unfit(value, what);
        }
        storage.checkWritable(what);
        if (isWhole()) {
            store(storage, address, number.longValue());
        } else {
            storage.writeBits(address, Math.max(0, bitOffset), width, number);
        }
    }

    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        BigInteger number = number(value, what);
        ByteBuffer whole = ByteBuffer.wrap(target).order(order.order());
        switch (isWhole() ? width : 0) {
            case 8 -> whole.put(offset, number.byteValue());
            case 16 -> whole.putShort(offset, number.shortValue());
            case 32 -> whole.putInt(offset, number.intValue());
            case 64 -> whole.putLong(offset, number.longValue());
            default ->
                    Bits.write(
                            target,
                            8L * offset + Math.max(0, bitOffset),
                            width,
                            number,
                            order.order());
        }
    }

    /** The number that a value stands for, held to the range. */
    BigInteger number(Object value, String what) throws InteropException {
        if (isBool && INTEROP.isBoolean(value)) {
            return INTEROP.asBoolean(value) ? BigInteger.ONE : BigInteger.ZERO;
        }
        BigInteger number = integer(value);
        if (!Bits.fits(number, isBool ? 1 : width, !isBool && signed)) {
            throw outOfRange(value, what);
        }
        return number;
    }

    static BigInteger integer(Object value) throws InteropException {
        return INTEROP.fitsInLong(value)
                ? BigInteger.valueOf(INTEROP.asLong(value))
                : INTEROP.asBigInteger(value);
    }
}
