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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
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
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

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
        Shares shares = new Shares();
        Packets packets = new Packets(in);
        long outAt = 0;
        long used = 0;
        int done = 0;
        EbpfError error = null;
        ProgramRunner runner = new ProgramRunner(object.context(), program);
        try (ProgramRunner.Session session = runner.open(0)) {
            while (done < count && (out == null || outSize - outAt >= ROOM)) {
                byte[] packet = packets.next(done);
                RunInput input = new RunInput(packet, null, null, 1, 0);
                int retval;
                try {
                    if (out == null) {
                        retval = session.retval(input);
                    } else {
                        RunOutput output = session.run(input);
                        retval = output.retval();
                        outAt = write(out, outAt, output);
                    }
                } catch (BpfException e) {
                    if (done == 0) {
                        throw e;
                    }
                    // what was done is told first
                    error = new EbpfError(e);
                    break;
                }
                shares.of(retval).add(packet.length);
                used = packets.position();
                done++;
            }
            return new RecordValue()
                    .with("done", done)
                    .with("inUsed", used)
                    .with("outUsed", outAt)
                    .with("verdicts", verdicts(shares.all))
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

    /** The records of the input, read in large pieces: each access of a buffer is a crossing. */
    private static final class Packets {
        private static final int PIECE = 1 << 20;

        private final Object in;
        private final long size;
        private byte[] piece = {};

        /** Offset of the piece in the input. */
        private long start;

        /** Offset of the next record in the piece. */
        private int at;

        Packets(Object in) throws UnsupportedMessageException {
            this.in = in;
            this.size = INTEROP.getBufferSize(in);
        }

        long position() {
            return start + at;
        }

        byte[] next(int index) throws UnsupportedMessageException, InvalidBufferOffsetException {
            require(4);
            int length = (int) INTS.get(piece, at);
            if (length < 0 || length > Run.PACKET_SPACE) {
                throw BpfException.usage(
                        "packet " + index + " of a batch has a length of " + length);
            }
            require(4 + length);
            byte[] packet = Arrays.copyOfRange(piece, at + 4, at + 4 + length);
            at += 4 + length;
            return packet;
        }

        /** Brings so many bytes from the position on into the piece. */
        private void require(int bytes)
                throws UnsupportedMessageException, InvalidBufferOffsetException {
            if (bytes <= piece.length - at) {
                return;
            }
            start += at;
            at = 0;
            long length = Math.clamp(size - start, bytes, Math.max(PIECE, bytes));
            piece = new byte[(int) length];
            INTEROP.readBuffer(in, start, piece, 0, piece.length);
        }
    }

    /** Return values and what came to them. */
    private static final class Shares {
        private final Map<Integer, Share> all = new TreeMap<>();
        private int last;
        private Share lastShare;

        Share of(int retval) {
            if (lastShare == null || retval != last) {
                last = retval;
                lastShare = all.computeIfAbsent(retval, key -> new Share());
            }
            return lastShare;
        }
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
