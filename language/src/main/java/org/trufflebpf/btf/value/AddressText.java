package org.trufflebpf.btf.value;

import java.net.Inet6Address;
import java.util.HexFormat;

/**
 * Network addresses as people write them, to bytes in network order; {@code null} for what is none.
 */
public final class AddressText {
    private AddressText() {}

    /** The address for a field of so many bytes: 4 IPv4, 6 MAC, 16 IPv6. */
    public static byte[] parse(String text, long size) {
        if (size == 4) {
            return ipv4(text);
        }
        if (size == 6) {
            return mac(text);
        }
        return size == 16 ? ipv6(text) : null;
    }

    /** An IPv4 address of 4 bytes or an IPv6 address of 16, as RFC 5952 writes it. */
    public static String format(byte[] address) {
        if (address.length == 4) {
            return (address[0] & 0xff)
                    + "."
                    + (address[1] & 0xff)
                    + "."
                    + (address[2] & 0xff)
                    + "."
                    + (address[3] & 0xff);
        }
        int start = -1;
        int longest = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && group(address, end) == 0) {
                end++;
            }
            if (end - i > longest) {
                start = i;
                longest = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += longest - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(group(address, i)));
        }
        return text.toString();
    }

    private static int group(byte[] address, int index) {
        return (address[2 * index] & 0xff) << 8 | (address[2 * index + 1] & 0xff);
    }

    static byte[] ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            if (!parts[i].matches("[0-9]{1,3}") || Integer.parseInt(parts[i]) > 255) {
                return null;
            }
            address[i] = (byte) Integer.parseInt(parts[i]);
        }
        return address;
    }

    static byte[] mac(String text) {
        if (!text.matches("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}")) {
            return null;
        }
        return HexFormat.of().parseHex(text.replace(":", "").replace("-", ""));
    }

    static byte[] ipv6(String text) {
        if (!text.matches("[0-9a-fA-F:.]{2,45}") || text.indexOf(':') < 0) {
            return null;
        }
        try {
            byte[] address = Inet6Address.ofLiteral(text).getAddress();
            if (address.length == 16) {
                return address;
            }
            // the JDK turns an IPv4-mapped address into the IPv4 one
            byte[] mapped = new byte[16];
            mapped[10] = (byte) 0xff;
            mapped[11] = (byte) 0xff;
            System.arraycopy(address, 0, mapped, 12, 4);
            return mapped;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
