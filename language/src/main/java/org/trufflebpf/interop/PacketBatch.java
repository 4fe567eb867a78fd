package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.context.RunOutput;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.nodes.ProgramRunner;
import org.trufflebpf.runtime.Run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs a program over many packets for one crossing of the language border. Input: {@code count}
 * records, each a 32-bit length and the bytes; output: for each packet the 32-bit return value, a
 * length and the bytes; all little-endian.
 */
final class PacketBatch {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    /** Room that one packet may need in the output. */
    private static final int ROOM = Run.PACKET_SPACE + 8;

    private final LoadedObject object;
    private final LoadableProgram program;

    PacketBatch(LoadedObject object, LoadableProgram program) {
        this.object = object;
        this.program = program;
    }

    Object run(Object[] arguments) throws UnsupportedMessageException, UnsupportedTypeException {
        Object in = arguments[0];
        int count = INTEROP.asInt(arguments[1]);
        Object out = Arguments.isNull(arguments[2]) ? null : arguments[2];
        try {
            return run(in, count, out);
        } catch (InvalidBufferOffsetException e) {
            throw BpfException.usage("the input of runBatch ends within a packet");
        }
    }

    private Object run(Object in, int count, Object out)
            throws UnsupportedMessageException,
                    InvalidBufferOffsetException,
                    UnsupportedTypeException {
        long outSize = out == null ? 0 : INTEROP.getBufferSize(out);
        Map<Integer, Share> verdicts = new TreeMap<>();
        long inAt = 0;
        long outAt = 0;
        int done = 0;
        EbpfError error = null;
        ProgramRunner runner = new ProgramRunner(object.context(), program);
        try (ProgramRunner.Session session = runner.open(0)) {
            while (done < count && (out == null || outSize - outAt >= ROOM)) {
                int length = INTEROP.readBufferInt(in, ByteOrder.LITTLE_ENDIAN, inAt);
                if (length < 0 || length > Run.PACKET_SPACE) {
                    throw BpfException.usage(
                            "packet " + done + " of a batch has a length of " + length);
                }
                byte[] packet = new byte[length];
                INTEROP.readBuffer(in, inAt + 4, packet, 0, length);
                RunOutput output;
                try {
                    output = session.run(new RunInput(packet, null, null, 1, 0));
                } catch (BpfException e) {
                    if (done == 0) {
                        throw e;
                    }
                    // what was done is told first
                    error = new EbpfError(e);
                    break;
                }
                verdicts.computeIfAbsent(output.retval(), retval -> new Share()).add(length);
                if (out != null) {
                    outAt = write(out, outAt, output);
                }
                inAt += 4 + length;
                done++;
            }
            return new RecordValue()
                    .with("done", done)
                    .with("inUsed", inAt)
                    .with("outUsed", outAt)
                    .with("verdicts", verdicts(verdicts))
                    .with("trace", new ListValue(session.trace()))
                    .with("events", ProgramValue.events(session.events()))
                    .with("error", error);
        }
    }

    private static long write(Object out, long at, RunOutput output)
            throws UnsupportedMessageException, InvalidBufferOffsetException {
        byte[] data = output.dataOut() == null ? new byte[0] : output.dataOut();
        INTEROP.writeBufferInt(out, ByteOrder.LITTLE_ENDIAN, at, output.retval());
        INTEROP.writeBufferInt(out, ByteOrder.LITTLE_ENDIAN, at + 4, data.length);
        ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        long to = at + 8;
        for (; bytes.remaining() >= 8; to += 8) {
            INTEROP.writeBufferLong(out, ByteOrder.LITTLE_ENDIAN, to, bytes.getLong());
        }
        for (; bytes.hasRemaining(); to++) {
            INTEROP.writeBufferByte(out, to, bytes.get());
        }
        return to;
    }

    private ListValue verdicts(Map<Integer, Share> verdicts) {
        List<Object> rows = new ArrayList<>();
        verdicts.forEach(
                (retval, share) ->
                        rows.add(
                                new RecordValue()
                                        .with("retval", retval & 0xffff_ffffL)
                                        .with("verdict", program.spec().type().verdict(retval))
                                        .with("packets", share.packets)
                                        .with("bytes", share.bytes)));
        return new ListValue(rows);
    }

    /** What came to one return value; bytes are those of the packets as they came in. */
    private static final class Share {
        private long packets;
        private long bytes;

        void add(int length) {
            packets++;
            bytes += length;
        }
    }
}
