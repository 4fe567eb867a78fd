package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.context.RunOutput;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.nodes.ProgramRunner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a program over many packets that another language has: an array of them, or one buffer with
 * the length of each packet, or of all. All are read before the first run, so that nothing runs if
 * one is no packet. The result is a record: {@code values} and {@code data} of the runs, {@code
 * trace}, {@code events}, and {@code error}, the fault that ended the series behind the packets
 * that were done, or null. A fault on the first packet is thrown.
 */
final class PacketSeries {
    private final LoadedObject object;
    private final LoadableProgram program;

    PacketSeries(LoadedObject object, LoadableProgram program) {
        this.object = object;
        this.program = program;
    }

    Object run(Object[] arguments) {
        List<byte[]> packets =
                arguments.length == 1 ? each(arguments[0]) : cut(arguments[0], arguments[1]);
        List<Object> values = new ArrayList<>();
        List<Object> data = new ArrayList<>();
        EbpfError error = null;
        try (ProgramRunner.Session session = new ProgramRunner(object.context(), program).open(0)) {
            for (byte[] packet : packets) {
                try {
                    RunOutput output = session.run(new RunInput(packet, null, null, 1, 0));
                    values.add(output.retval() & 0xffff_ffffL);
                    data.add(BytesValue.orNull(output.dataOut()));
                } catch (BpfException e) {
                    if (values.isEmpty()) {
                        throw e;
                    }
                    error = new EbpfError(e);
                    break;
                }
            }
            return new RecordValue()
                    .with("values", new ListValue(values))
                    .with("data", new ListValue(data))
                    .with("trace", new ListValue(session.trace()))
                    .with("events", ProgramValue.events(session.events()))
                    .with("error", error);
        }
    }

    /** The packets of an array. */
    private static List<byte[]> each(Object array) {
        if (!Layout.INTEROP.hasArrayElements(array)) {
            throw BpfException.usage(
                    "packets has to be an array of packets, or a buffer, followed by the length of"
                            + " the packets in it or an array of their lengths");
        }
        try {
            List<byte[]> packets = new ArrayList<>();
            for (long i = 0; i < Layout.INTEROP.getArraySize(array); i++) {
                Object packet = Layout.INTEROP.readArrayElement(array, i);
                packets.add(Arguments.bytes(packet, "packets[" + i + "]"));
            }
            return packets;
        } catch (InteropException e) {
            throw BpfException.usage("packets cannot be read: " + e.getMessage());
        }
    }

    /** The packets of a buffer. */
    private static List<byte[]> cut(Object buffer, Object lengths) {
        byte[] bytes = Arguments.bytes(buffer, "packets");
        if (bytes == null) {
            throw BpfException.usage("packets has to be a buffer, and is null");
        }
        return Layout.INTEROP.isNumber(lengths)
                ? evenly(bytes, length(lengths))
                : by(bytes, Arguments.longs(lengths, "lengths"));
    }

    private static long length(Object number) {
        try {
            return Layout.INTEROP.asLong(number);
        } catch (InteropException e) {
            throw BpfException.usage("the length of packets has to be a whole number");
        }
    }

    private static List<byte[]> evenly(byte[] bytes, long length) {
        if (length <= 0 || bytes.length % length != 0) {
            throw BpfException.usage(
                    "packets has "
                            + bytes.length
                            + " bytes, which is no multiple of the length "
                            + length);
        }
        List<byte[]> packets = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += (int) length) {
            packets.add(Arrays.copyOfRange(bytes, at, at + (int) length));
        }
        return packets;
    }

    private static List<byte[]> by(byte[] bytes, long[] lengths) {
        if (lengths == null) {
            throw BpfException.usage("lengths has to be an array of numbers, and is null");
        }
        List<byte[]> packets = new ArrayList<>();
        int at = 0;
        for (long length : lengths) {
            if (length < 0 || length > bytes.length - at) {
                throw BpfException.usage(
                        "packet "
                                + packets.size()
                                + " has a length of "
                                + length
                                + ", but "
                                + (bytes.length - at)
                                + " bytes are left");
            }
            packets.add(Arrays.copyOfRange(bytes, at, at + (int) length));
            at += (int) length;
        }
        return packets;
    }
}
