package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.memory.Memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Sums of runs of bytes, held to the sum word by word. */
class ChecksumTest {
    private static final int SIZE = 128;

    @ParameterizedTest
    @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
    void carriesGoAroundWhereverTheyArise(String name) {
        ByteOrder order =
                name.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Memory memory = Memory.create(1 << 16, order);
        try {
            long address = memory.reserve(SIZE, "bytes");
            long seed = 20261126;
            Random random = new Random(seed);
            for (int round = 0; round < 20_000; round++) {
                byte[] bytes = new byte[random.nextInt(SIZE + 1)];
                if (random.nextInt(3) == 0) {
                    Arrays.fill(bytes, (byte) (random.nextBoolean() ? -1 : 0));
                } else {
                    random.nextBytes(bytes);
                }
                int start = List.of(-1, 0, random.nextInt()).get(random.nextInt(3));
                memory.write(address, bytes);
                assertEquals(
                        wordByWord(bytes, order, start),
                        Checksum.partial(memory, address, bytes.length, start),
                        "seed " + seed + ", round " + round + ", start " + start);
            }
        } finally {
            memory.close();
        }
    }

    private static int wordByWord(byte[] bytes, ByteOrder order, int start) {
        ByteBuffer padded =
                ByteBuffer.wrap(Arrays.copyOf(bytes, (bytes.length + 3) / 4 * 4)).order(order);
        int sum = start;
        while (padded.hasRemaining()) {
            sum = Checksum.add(sum, padded.getInt());
        }
        return sum;
    }
}
