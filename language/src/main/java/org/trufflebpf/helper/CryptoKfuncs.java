package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.ValueFields;
import org.trufflebpf.map.ValueFields.Field;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.ObjectStore;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Ciphers for programs ({@code kernel/bpf/crypto.c}): AES in the modes ECB and CBC, which are the
 * kernel's block ciphers for {@code skcipher} contexts. A context is an allocated object that holds
 * mode and key; the initialization vector is the program's.
 */
final class CryptoKfuncs {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final int BLOCK = 16;

    // struct bpf_crypto_params
    private static final int RESERVED = 14;
    private static final int ALGO = 16;
    private static final int ALGO_SIZE = 128;
    private static final int KEY = 144;
    private static final int KEY_LEN = 400;
    private static final int AUTHSIZE = 404;
    private static final int PARAMS_SIZE = 408;

    // a context
    private static final int CTX_MODE = 0;
    private static final int CTX_KEY_LEN = 4;
    private static final int CTX_KEY = 8;
    private static final int CTX_REFCOUNT = 40;
    private static final int CTX_SIZE = 48;

    private static final ObjectStore.Type TYPE =
            new ObjectStore.Type(
                    "bpf_crypto_ctx",
                    CTX_SIZE,
                    new ValueFields(
                            List.of(new Field(ValueFields.Kind.BPF_REFCOUNT, CTX_REFCOUNT))),
                    0);

    /** How blocks hang together, with the kernel's name of the algorithm. */
    private enum Mode {
        ECB("ecb(aes)", 0),
        CBC("cbc(aes)", BLOCK);

        private final String algorithm;

        /** Bytes of the initialization vector. */
        private final int vectorSize;

        Mode(String algorithm, int vectorSize) {
            this.algorithm = algorithm;
            this.vectorSize = vectorSize;
        }

        static Mode of(String algorithm) {
            return Arrays.stream(values())
                    .filter(mode -> mode.algorithm.equals(algorithm))
                    .findFirst()
                    .orElse(null);
        }
    }

    private CryptoKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "crypto_ctx_create",
                (run, params, size, error, r4, r5) -> create(run, params, size, error));
        all.put(
                "crypto_ctx_acquire",
                (run, context, r2, r3, r4, r5) -> run.machine().store().acquire(context));
        all.put(
                "crypto_ctx_release",
                (run, context, r2, r3, r4, r5) -> {
                    run.machine().store().drop(context);
                    return 0;
                });
        all.put(
                "crypto_encrypt",
                (run, context, from, to, vector, r5) ->
                        crypt(run, context, from, to, vector, Cipher.ENCRYPT_MODE));
        all.put(
                "crypto_decrypt",
                (run, context, from, to, vector, r5) ->
                        crypt(run, context, from, to, vector, Cipher.DECRYPT_MODE));
    }

    /** A context, or 0 with the reason in {@code error}. */
    private static long create(Run run, long params, long size, long error) {
        Memory memory = run.memory();
        Errno refusal = refusal(memory, params, size);
        long context = refusal == null ? run.machine().store().create(TYPE) : 0;
        if (context == 0) {
            memory.putInt(error, (int) (refusal == null ? Errno.ENOMEM : refusal).negative());
            return 0;
        }
        int keySize = memory.getInt(params + KEY_LEN);
        memory.putInt(
                context + CTX_MODE, Mode.of(text(memory, params + ALGO, ALGO_SIZE)).ordinal());
        memory.putInt(context + CTX_KEY_LEN, keySize);
        memory.copy(params + KEY, context + CTX_KEY, keySize);
        memory.putInt(error, 0);
        return context;
    }

    private static Errno refusal(Memory memory, long params, long size) {
        if (size != PARAMS_SIZE || memory.getShort(params + RESERVED) != 0) {
            return Errno.EINVAL;
        }
        if (!text(memory, params, RESERVED).equals("skcipher")) {
            return Errno.ENOENT;
        }
        boolean known = Mode.of(text(memory, params + ALGO, ALGO_SIZE)) != null;
        if (!known || memory.getInt(params + AUTHSIZE) != 0) {
            return Errno.EOPNOTSUPP;
        }
        int keySize = memory.getInt(params + KEY_LEN);
        return keySize == 16 || keySize == 24 || keySize == 32 ? null : Errno.EINVAL;
    }

    private static String text(Memory memory, long address, int size) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < size && memory.getByte(address + i) != 0; i++) {
            text.append((char) Byte.toUnsignedInt(memory.getByte(address + i)));
        }
        return text.toString();
    }

    private static long crypt(
            Run run, long context, long fromAt, long toAt, long vectorAt, int direction) {
        if (!TYPE.equals(run.machine().store().typeOf(context))) {
            throw BpfException.trap(
                    "0x" + Long.toHexString(context) + " is no struct bpf_crypto_ctx");
        }
        Memory memory = run.memory();
        Mode mode = Mode.values()[memory.getInt(context + CTX_MODE)];
        Dynptr from = new Dynptr(run, fromAt);
        Dynptr to = new Dynptr(run, toAt);
        Dynptr vector = vectorAt == 0 ? null : new Dynptr(run, vectorAt);
        int size = from.size();
        if (to.isReadOnly() || size == 0 || size > to.size()) {
            return INVALID;
        }
        if ((vector == null ? 0 : vector.size()) != mode.vectorSize) {
            return INVALID;
        }
        long source = from.slice(0, size, 0);
        long target = to.slice(0, to.size(), 0);
        long initial =
                mode.vectorSize == 0 || vector.isReadOnly()
                        ? 0
                        : vector.slice(0, mode.vectorSize, 0);
        if (source == 0 || target == 0 || (mode.vectorSize > 0 && initial == 0)) {
            return INVALID;
        }
        // what does not fill a block stays as it is, and makes the call fail
        byte[] text = memory.read(source, size / BLOCK * BLOCK);
        byte[] key = memory.read(context + CTX_KEY, memory.getInt(context + CTX_KEY_LEN));
        byte[] iv = mode.vectorSize == 0 ? null : memory.read(initial, mode.vectorSize);
        byte[] done = run(mode, direction, key, iv, text);
        memory.write(target, done);
        if (iv != null && done.length > 0) {
            // the next call goes on from the last block of the ciphertext
            byte[] cipher = direction == Cipher.ENCRYPT_MODE ? done : text;
            memory.write(initial, Arrays.copyOfRange(cipher, cipher.length - BLOCK, cipher.length));
        }
        return size % BLOCK == 0 ? 0 : INVALID;
    }

    private static byte[] run(Mode mode, int direction, byte[] key, byte[] iv, byte[] text) {
        try {
            Cipher cipher = Cipher.getInstance("AES/" + mode + "/NoPadding");
            SecretKeySpec secret = new SecretKeySpec(key, "AES");
            if (iv == null) {
                cipher.init(direction, secret);
            } else {
                cipher.init(direction, secret, new IvParameterSpec(iv));
            }
            return cipher.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("each Java platform has AES", e);
        }
    }
}
