package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Packs packets for the program's method {@code runBatch}, a few thousand for each crossing of the
 * language border, and unpacks what it gives.
 */
final class BatchRunner {
    /** Packets of one crossing. */
    private static final int MAX_PACKETS = 4096;

    /** Bytes of one crossing, unless one packet alone has more. */
    private static final int MAX_BYTES = 1 << 20;

    /** What the program wants free in the output before each packet: the largest there can be. */
    private static final int LARGEST = (256 << 10) + 8;

    private final Value program;
    private final ByteBuffer out = ByteBuffer.allocate(MAX_BYTES + 2 * LARGEST);
    private final List<BpfBatch.Output> outputs = new ArrayList<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private final List<String> trace = new ArrayList<>();
    private final List<BpfEvent> events = new ArrayList<>();

    BatchRunner(Value program) {
        this.program = program;
        out.order(ByteOrder.LITTLE_ENDIAN);
    }

    BpfBatch run(Iterable<byte[]> packets) {
        Iterator<byte[]> rest = packets.iterator();
        List<byte[]> chunk = new ArrayList<>();
        while (rest.hasNext()) {
            int bytes = 0;
            chunk.clear();
            while (rest.hasNext() && bytes < MAX_BYTES && chunk.size() < MAX_PACKETS) {
                byte[] packet = rest.next();
                chunk.add(packet);
                bytes += 4 + packet.length;
            }
            run(pack(chunk, bytes), chunk.size());
        }
        return new BpfBatch(outputs, counts, trace, events);
    }

    private static ByteBuffer pack(List<byte[]> packets, int bytes) {
        ByteBuffer in = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        packets.forEach(packet -> in.putInt(packet.length).put(packet));
        return in.flip();
    }

    /** As often as it takes: the output may be full before the input is used up. */
    private void run(ByteBuffer in, int count) {
        int left = count;
        while (left > 0) {
            out.clear();
            Value result = program.invokeMember("runBatch", in.slice(), left, out);
            int done = result.getMember("done").asInt();
            trace.addAll(BpfResult.trace(result));
            events.addAll(BpfResult.events(result));
            unpack(done);
            count(result.getMember("verdicts"));
            Value error = result.getMember("error");
            if (!error.isNull()) {
                throw error.throwException();
            }
            in.position(in.position() + result.getMember("inUsed").asInt());
            left -= done;
        }
    }

    private void unpack(int count) {
        for (int i = 0; i < count; i++) {
            long value = Integer.toUnsignedLong(out.getInt());
            byte[] data = new byte[out.getInt()];
            out.get(data);
            outputs.add(new BpfBatch.Output(value, data));
        }
    }

    private void count(Value verdicts) {
        for (long i = 0; i < verdicts.getArraySize(); i++) {
            Value verdict = verdicts.getArrayElement(i);
            Value name = verdict.getMember("verdict");
            counts.merge(
                    name.isNull() ? verdict.getMember("retval").toString() : name.asString(),
                    verdict.getMember("packets").asLong(),
                    Long::sum);
        }
    }
}
