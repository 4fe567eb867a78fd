package org.trufflebpf.helper;

import java.util.Arrays;
import java.util.HexFormat;

/** Packets for tests. */
public final class Packets {
    /** TCP over IPv4 in an Ethernet frame of 87 bytes. */
    public static final byte[] TCP =
            hex(
                    "0200000000020200000000010800450000491234400040065cd00a000001c0a80102"
                        + "9c400050000003e8000007d05018faf0c8bf0000474554202f20485454502f312e310d0a486f73743a206578616d706c650d0a0d0a");

    /** UDP over IPv6, 70 bytes. */
    public static final byte[] UDP6 =
            hex(
                    "02000000000202000000000186dd"
                            + "6000000000101140"
                            + "20010db8000000000000000000000001"
                            + "20010db8000000000000000000000002"
                            + "003500350010abcd0102030405060708");

    /** As {@link #TCP} with a VLAN tag, 91 bytes. */
    public static final byte[] VLAN = tagged(TCP);

    /** To a multicast address, ARP, 42 bytes. */
    public static final byte[] ARP =
            Arrays.copyOf(hex("ffffffffffff0200000000010806" + "0001080006040001"), 42);

    /** An IEEE 802.3 frame with a length in place of a type. */
    public static final byte[] LENGTH =
            Arrays.copyOf(hex("0000000000000200000000010020" + "aaaa0300"), 60);

    private Packets() {}

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static byte[] tagged(byte[] frame) {
        byte[] result = new byte[frame.length + 4];
        System.arraycopy(frame, 0, result, 0, 12);
        System.arraycopy(hex("81002064"), 0, result, 12, 4);
        System.arraycopy(frame, 12, result, 16, frame.length - 12);
        return result;
    }
}
