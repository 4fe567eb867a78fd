package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.btf.value.AddressText;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.uapi.MapType;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Keys of a map as values of other languages, to bytes and back. */
abstract class KeyCodec {
    /**
     * The bytes of a key.
     *
     * @throws BpfException USAGE if the value is no such key
     */
    abstract byte[] encode(Object key);

    abstract Object decode(byte[] key);

    /** Keys by their type in BTF; without one, bytes. */
    static KeyCodec typed(Layout layout, ByteOrder order, String map) {
        Storage storage = Storage.ofCopy(new byte[0], order);
        String what = " key of map " + map;
        return new KeyCodec() {
            @Override
            byte[] encode(Object key) {
                return layout.bytes(key, storage, what);
            }

            @Override
            Object decode(byte[] key) {
                return layout.read(Storage.ofCopy(key, order), 0);
            }
        };
    }

    /** Whether the keys of such a map can be written as network addresses. */
    static boolean canBeAddresses(MapType type, int keySize) {
        int size = type == MapType.LPM_TRIE ? keySize - 4 : keySize;
        return size == 4 || size == 16;
    }

    /**
     * Keys of 4 or 16 bytes as addresses, such as {@code 10.0.0.1}; those of LPM tries with a
     * prefix, such as {@code 10.0.0.0/8}, which may be left out where the whole address is meant.
     */
    static KeyCodec addresses(int keySize, boolean isPrefix, ByteOrder order) {
        int size = isPrefix ? keySize - 4 : keySize;
        return new KeyCodec() {
            @Override
            byte[] encode(Object key) {
                String text;
                try {
                    text = Layout.INTEROP.asString(key);
                } catch (InteropException e) {
                    throw no(Layout.show(key));
                }
                int slash = isPrefix ? text.indexOf('/') : -1;
                byte[] address =
                        AddressText.parse(slash < 0 ? text : text.substring(0, slash), size);
                if (address == null) {
                    throw no(text);
                }
                if (!isPrefix) {
                    return address;
                }
                int prefix = slash < 0 ? 8 * size : prefix(text.substring(slash + 1), text);
                return ByteBuffer.allocate(keySize)
                        .order(order)
                        .putInt(prefix)
                        .put(address)
                        .array();
            }

            private int prefix(String digits, String text) {
                BigInteger bits =
                        digits.matches("[0-9]{1,3}")
                                ? new BigInteger(digits)
                                : BigInteger.TEN.pow(9);
                if (bits.intValue() > 8 * size) {
                    throw BpfException.usage(
                            "the prefix of '" + text + "' is not from 0 to " + 8 * size);
                }
                return bits.intValue();
            }

            private BpfException no(String text) {
                return BpfException.usage(
                        "'" + text + "' is no " + (size == 4 ? "IPv4" : "IPv6") + " address");
            }

            @Override
            Object decode(byte[] key) {
                if (!isPrefix) {
                    return AddressText.format(key);
                }
                int prefix = ByteBuffer.wrap(key).order(order).getInt();
                return AddressText.format(Arrays.copyOfRange(key, 4, keySize)) + "/" + prefix;
            }
        };
    }
}
