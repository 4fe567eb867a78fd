package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.BatchResult;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.pcap.PacketReader;
import org.trufflebpf.launcher.pcap.PcapWriter;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Runs a program on the packets of a capture, a batch at a time, so that a call into the language
 * costs little per packet and memory stays the same whatever the size. Packets before a defect in
 * the capture are run, then the defect is told.
 */
final class PcapRun {
    private static final int BATCH_BYTES = 1 << 20;
    private static final int BATCH_PACKETS = 4096;

    /** Return value and length, in front of each packet that comes out. */
    private static final int OUT_HEADER = 8;

    /** Runs a batch; the program, or what stands for it in a test. */
    interface Runner {
        BatchResult runBatch(ByteBuffer in, int count, ByteBuffer out) throws EbpfRunException;
    }

    /** Takes what a batch leaves besides packets. */
    interface Sink {
        /** Returns whether anybody still listens. */
        boolean accept(BatchResult batch);
    }

    private final Runner runner;
    private final String programType;
    private final Progress progress;
    private final Sink sink;
    private final ByteBuffer in = direct(BATCH_BYTES);
    private final long[] timestamps = new long[BATCH_PACKETS];
    private final long[] originalLengths = new long[BATCH_PACKETS];
    private final int[] lengths = new int[BATCH_PACKETS];
    private final PacketCounts counts = new PacketCounts();
    private ByteBuffer out;
    private PcapWriter writer;
    private int linkType;
    private boolean pending;
    private boolean listening = true;
    private IOException defect;

    PcapRun(BpfProgram program, Progress progress, Sink sink) {
        this(program::runBatch, program.info().type(), progress, sink);
    }

    PcapRun(Runner runner, String programType, Progress progress, Sink sink) {
        this.runner = runner;
        this.programType = programType;
        this.progress = progress;
        this.sink = sink;
    }

    PacketCounts counts() {
        return counts;
    }

    /** The kind of header that the packets start with; 0 before the first packet. */
    int linkType() {
        return linkType;
    }

    /**
     * Runs the whole capture.
     *
     * @param name the capture's name, for messages
     * @param outName the capture to write, or {@code null}
     */
    void run(InputStream capture, String name, String outName) throws EbpfRunException {
        PacketReader reader;
        try {
            reader = PacketReader.open(capture);
            pending = reader.next();
        } catch (IOException e) {
            throw defect(name, e);
        }
        linkType = pending ? reader.linkType() : 1;
        if (outName == null) {
            runAll(reader);
        } else {
            try (OutputStream stream = InputFiles.create(outName);
                    PcapWriter opened = new PcapWriter(stream, linkType)) {
                writer = opened;
                out = direct(2 * BATCH_BYTES);
                runAll(reader);
            } catch (IOException e) {
                throw InputFiles.unwritable(outName, e);
            }
        }
        if (defect != null) {
            throw defect(name, defect);
        }
    }

    private static EbpfRunException defect(String name, IOException e) {
        return EbpfRunException.usage(name + ": " + e.getMessage(), e);
    }

    private void runAll(PacketReader reader) throws EbpfRunException {
        while (pending && listening) {
            int count = fill(reader);
            runBatch(count);
            progress.update(reader.offset(), counts.packets());
        }
        progress.clear();
    }

    /** Moves packets into the input buffer while there is room; returns how many. */
    private int fill(PacketReader reader) throws EbpfRunException {
        in.clear();
        int count = 0;
        try {
            while (pending
                    && count < BATCH_PACKETS
                    && in.remaining() >= 4 + reader.capturedLength()) {
                if (writer != null && reader.linkType() != linkType) {
                    throw EbpfRunException.usage(
                            "--pcap-out: a pcap file holds one link type, but the capture has"
                                    + " packets of "
                                    + linkType
                                    + " and "
                                    + reader.linkType());
                }
                timestamps[count] = reader.timestampNs();
                originalLengths[count] = reader.originalLength();
                lengths[count] = reader.capturedLength();
                int start = in.position();
                in.putInt(reader.capturedLength());
                try {
                    reader.take(in);
                } catch (IOException e) {
                    in.position(start);
                    throw e;
                }
                count++;
                pending = reader.next();
            }
        } catch (IOException e) {
            defect = e;
            pending = false;
        }
        return count;
    }

    private void runBatch(int count) throws EbpfRunException {
        int first = 0;
        int offset = 0;
        int end = in.position();
        while (first < count && listening) {
            ByteBuffer rest = in.slice(offset, end - offset).order(ByteOrder.LITTLE_ENDIAN);
            BatchResult result = runner.runBatch(rest, count - first, out);
            for (BatchResult.Count verdict : result.verdicts()) {
                counts.add(verdict);
            }
            listening = sink.accept(result);
            if (writer != null) {
                write(first, result.done());
            }
            if (result.done() <= 0) {
                throw new AssertionError(
                        "the language ran none of " + (count - first) + " packets");
            }
            first += result.done();
            offset += result.inUsed();
        }
    }

    /** Writes those of {@code count} packets in the output buffer that pass. */
    private void write(int first, int count) throws EbpfRunException {
        int offset = 0;
        try {
            for (int i = first; i < first + count; i++) {
                long retval = out.getInt(offset) & 0xffff_ffffL;
                int length = out.getInt(offset + 4);
                int kept = Verdicts.kept(programType, counts.verdict(retval), retval, length);
                if (kept >= 0) {
                    long original = originalLengths[i] + length - lengths[i];
                    writer.write(timestamps[i], original, out, offset + OUT_HEADER, kept);
                }
                offset += OUT_HEADER + length;
            }
        } catch (IOException e) {
            throw InputFiles.unwritable("--pcap-out", e);
        }
    }

    private static ByteBuffer direct(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
