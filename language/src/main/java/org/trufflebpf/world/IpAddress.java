package org.trufflebpf.world;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** An IPv4 or IPv6 address: 4 or 16 bytes in network order. */
@SuppressWarnings("ArrayRecordComponent")
public record IpAddress(byte[] bytes) {
    /**
     * The address that a literal stands for, or {@code null} if it is none. Asks no name server.
     */
    public static IpAddress parse(String literal) {
        try {
            return new IpAddress(InetAddress.ofLiteral(literal).getAddress());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** All zeros. */
    public static IpAddress unspecified(boolean v6) {
        return new IpAddress(new byte[v6 ? 16 : 4]);
    }

    /** {@code 127.0.0.1} or {@code ::1}. */
    static IpAddress loopback(boolean v6) {
        byte[] bytes = new byte[v6 ? 16 : 4];
        bytes[0] = (byte) (v6 ? 0 : 127);
        bytes[bytes.length - 1] = 1;
        return new IpAddress(bytes);
    }

    public boolean isV6() {
        return bytes.length == 16;
    }

    public boolean isUnspecified() {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the first {@code length} bits are those of another address of the same family. */
    public boolean matches(IpAddress other, int length) {
        if (other.bytes.length != bytes.length) {
            return false;
        }
        int whole = length / 8;
        int rest = length % 8;
        return Arrays.equals(bytes, 0, whole, other.bytes, 0, whole)
                && (rest == 0 || ((bytes[whole] ^ other.bytes[whole]) & 0xff) >>> (8 - rest) == 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        if (isV6()) {
            return HexFormat.of().formatHex(bytes).replaceAll("(....)(?!$)", "$1:");
        }
        return (bytes[0] & 0xff)
                + "."
                + (bytes[1] & 0xff)
                + "."
                + (bytes[2] & 0xff)
                + "."
                + (bytes[3] & 0xff);
    }
}
