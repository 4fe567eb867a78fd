package org.trufflebpf.map;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;

/** Makes up batch operations for a shape of map, to be run here and in the kernel. */
final class RandomBatches {
    private static final HexFormat HEX = HexFormat.of();

    private final KernelMapParityTest.Shape shape;
    private final byte[][] keys;
    private final int valueSize;
    private final boolean ordered;
    private final Random random;

    /** Where the lookup before ended, on both sides. */
    private byte[] cursor;

    RandomBatches(
            KernelMapParityTest.Shape shape,
            byte[][] keys,
            int valueSize,
            boolean ordered,
            Random random) {
        this.shape = shape;
        this.keys = keys;
        this.valueSize = valueSize;
        this.ordered = ordered;
        this.random = random;
    }

    /** A batch; the result as text. */
    interface Step {
        String run(MapFace face);
    }

    Step next() {
        boolean supported = !MapBatch.commands(shape.type()).isEmpty();
        // the order of keys tells what a lookup gives
        int kinds = ordered || !supported ? 8 : 4;
        int kind = random.nextInt(kinds);
        MapBatch.Command command =
                kind < 3
                        ? MapBatch.Command.UPDATE
                        : kind == 3
                                ? MapBatch.Command.DELETE
                                : kind < 7
                                        ? MapBatch.Command.LOOKUP
                                        : MapBatch.Command.LOOKUP_AND_DELETE;
        int count = random.nextInt(4) == 0 ? random.nextInt(keys.length + 3) : random.nextInt(6);
        boolean wrong = random.nextInt(16) == 0;
        if (command == MapBatch.Command.UPDATE || command == MapBatch.Command.DELETE) {
            return change(command, count, wrong ? 1 + random.nextInt(5) : 0);
        }
        return lookup(command, count, wrong ? 1 + random.nextInt(5) : 0);
    }

    private Step change(MapBatch.Command command, int count, long flags) {
        ByteArrayOutputStream someKeys = new ByteArrayOutputStream();
        ByteArrayOutputStream someValues = new ByteArrayOutputStream();
        for (int i = 0; i < count && shape.key() > 0; i++) {
            someKeys.writeBytes(keys[random.nextInt(keys.length)]);
            someValues.writeBytes(KernelMapParityTest.value(shape, valueSize, random));
        }
        byte[] allKeys = someKeys.toByteArray();
        byte[] values = someValues.toByteArray();
        return new Step() {
            @Override
            public String run(MapFace face) {
                return text(face.batch(command, null, allKeys, values, count, flags));
            }

            @Override
            public String toString() {
                return name(command, flags) + " " + HEX.formatHex(allKeys);
            }
        };
    }

    private Step lookup(MapBatch.Command command, int count, long flags) {
        int way = random.nextInt(4);
        byte[] from = way == 0 ? null : way < 3 ? cursor : some();
        return new Step() {
            @Override
            public String run(MapFace face) {
                MapBatch.Result result = face.batch(command, from, null, null, count, flags);
                cursor = result.cursor();
                return text(result);
            }

            @Override
            public String toString() {
                return name(command, flags)
                        + " of "
                        + count
                        + " from "
                        + (from == null ? "the start" : HEX.formatHex(from));
            }
        };
    }

    /** A cursor that no lookup gave: a key, or the number of a bucket. */
    private byte[] some() {
        return switch (shape.type()) {
            case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH ->
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(random.nextInt(2 * keys.length) - 1)
                            .array();
            default -> keys[random.nextInt(keys.length)];
        };
    }

    private static String name(MapBatch.Command command, long flags) {
        return command.name().toLowerCase(Locale.ROOT) + " batch, flags " + flags;
    }

    private static String text(MapBatch.Result result) {
        return result.count() < 0
                ? result.errno() + " at once"
                : result.errno()
                        + ", count "
                        + result.count()
                        + ", cursor "
                        + (result.cursor() == null ? "none" : HEX.formatHex(result.cursor()))
                        + ", keys "
                        + HEX.formatHex(result.keys())
                        + ", values "
                        + HEX.formatHex(result.values());
    }
}
