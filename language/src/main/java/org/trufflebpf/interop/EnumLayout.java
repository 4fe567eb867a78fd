package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.btf.BtfType;
import org.trufflebpf.btf.value.Bits;
import org.trufflebpf.failure.BpfException;

import java.math.BigInteger;
import java.util.stream.Collectors;

/** Enumerations: by name where a value has one, else by number. */
final class EnumLayout extends IntLayout {
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

    private final BtfType.Enumeration type;

    EnumLayout(BtfType.Enumeration type) {
        super(type.size(), type.signed(), false);
        this.type = type;
    }

    EnumLayout(BtfType.Enumeration type, long bitOffset, int width) {
        super(bitOffset, width, type.signed(), false);
        this.type = type;
    }

    @Override
    String name() {
        return "enum" + (type.name().isEmpty() ? "" : " " + type.name());
    }

    @Override
    Object read(Storage storage, long address) {
        return named(super.read(storage, address));
    }

    @TruffleBoundary
    private Object named(Object number) {
        try {
            String name = type.nameOf(integer(number).longValue());
            return name == null ? number : name;
        } catch (InteropException e) {
            return number;
        }
    }

    @Override
    BigInteger number(Object value, String what) throws InteropException {
        if (INTEROP.isString(value)) {
            return byName(INTEROP.asString(value), what);
        }
        return super.number(value, what);
    }

    private BigInteger byName(String wanted, String what) {
        for (BtfType.Value candidate : type.values()) {
            if (candidate.name().equals(wanted)) {
                BigInteger number = BigInteger.valueOf(candidate.value());
                if (!signed && number.signum() < 0) {
                    number = number.add(TWO_TO_64);
                }
                if (!Bits.fits(number, width, signed)) {
                    throw outOfRange(wanted, what);
                }
                return number;
            }
        }
        throw BpfException.usage(
                "'"
                        + wanted
                        + "' is no value for "
                        + name()
                        + what
                        + "; it has "
                        + type.values().stream()
                                .limit(16)
                                .map(BtfType.Value::name)
                                .collect(Collectors.joining(", ")));
    }
}
