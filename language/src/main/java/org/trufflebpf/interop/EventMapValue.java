package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.PerfEventArrayMap;
import org.trufflebpf.map.RingbufMap;
import org.trufflebpf.object.MapSpec;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * A ring buffer or perf event array. Its iterator takes the records that are ready; {@code
 * poll(callback)} hands them to a function, of a perf event array with the CPU, until it returns
 * false or a negative number, and tells how many there were. {@code records(type)} is the same map
 * with records of a structure in the object's BTF instead of bytes.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class EventMapValue extends MapValue {
    private static final List<String> NAMES = and("poll", "records");

    /** The layout of records, or {@code null} for bytes. */
    private final Layout record;

    EventMapValue(Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys) {
        this(opened, spec, source, keys, null);
    }

    private EventMapValue(
            Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys, Layout record) {
        super(opened, spec, source, keys);
        this.record = record;
    }

    @Override
    String view() {
        return record == null ? "" : record.name();
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        return switch (name) {
            case "poll" -> new MethodValue(1, 1, arguments -> poll(arguments[0]));
            case "records" ->
                    new MethodValue(1, 1, arguments -> records(Arguments.text(arguments, 0)));
            default -> super.member(name);
        };
    }

    private Object records(String type) {
        String name = type.startsWith("struct ") ? type.substring("struct ".length()) : type;
        StructLayout layout = opened.layouts().struct(name);
        if (layout == null) {
            throw BpfException.usage("the object's BTF has no struct " + name);
        }
        return new EventMapValue(opened, spec, source, keys, layout);
    }

    /** A record and the CPU it was sent on. */
    private record Taken(Object data, int cpu) {}

    private Taken take() {
        BpfMap map = usable();
        if (map instanceof RingbufMap ring) {
            byte[] bytes = ring.poll();
            return bytes == null ? null : new Taken(decode(bytes), -1);
        }
        if (map instanceof PerfEventArrayMap perf) {
            for (int cpu = 0; cpu < map.cpus(); cpu++) {
                byte[] bytes = perf.poll(cpu);
                if (bytes != null) {
                    return new Taken(decode(bytes), cpu);
                }
            }
        }
        return null;
    }

    private Object decode(byte[] bytes) {
        if (record == null) {
            return new BytesValue(bytes);
        }
        if (bytes.length < record.size) {
            throw BpfException.usage(
                    "a record of map "
                            + spec.name()
                            + " has "
                            + bytes.length
                            + " bytes, "
                            + record.name()
                            + " "
                            + record.size);
        }
        return record.read(Storage.ofCopy(bytes, opened.object().spec().order()), 0);
    }

    private Object poll(Object callback)
            throws UnsupportedTypeException, ArityException, UnsupportedMessageException {
        if (!Layout.INTEROP.isExecutable(callback)) {
            throw UnsupportedTypeException.create(
                    new Object[] {callback}, "the callback has to be a function");
        }
        int count = 0;
        for (Taken taken = take(); taken != null; taken = take()) {
            count++;
            Object more =
                    taken.cpu < 0
                            ? Layout.INTEROP.execute(callback, taken.data)
                            : Layout.INTEROP.execute(callback, taken.data, taken.cpu);
            if (isStop(more)) {
                break;
            }
        }
        return count;
    }

    private static boolean isStop(Object result) throws UnsupportedMessageException {
        if (Layout.INTEROP.isBoolean(result)) {
            return !Layout.INTEROP.asBoolean(result);
        }
        return Layout.INTEROP.fitsInLong(result) && Layout.INTEROP.asLong(result) < 0;
    }

    @ExportMessage
    boolean hasIterator() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getIterator() {
        return new IteratorValue(
                new Iterator<Object>() {
                    private Taken next;

                    @Override
                    public boolean hasNext() {
                        if (next == null) {
                            try {
                                next = take();
                            } catch (BpfException e) {
                                throw new EbpfError(e);
                            }
                        }
                        return next != null;
                    }

                    @Override
                    public Object next() {
                        if (!hasNext()) {
                            throw new NoSuchElementException();
                        }
                        Object data = next.data;
                        next = null;
                        return data;
                    }
                });
    }
}
