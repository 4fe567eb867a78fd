package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.MapException;
import org.trufflebpf.map.QueueStackMap;
import org.trufflebpf.object.MapSpec;

import java.util.List;
import java.util.function.Supplier;

/**
 * A queue or a stack: {@code push(value, flags)}, {@code pop()} and {@code peek()}, which give null
 * where it is empty, and an iterator over the values in the order in which they would come out.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class QueueMapValue extends MapValue {
    private static final List<String> NAMES = and("push", "pop", "peek");
    private static final byte[] NO_KEY = {};

    QueueMapValue(Opened opened, MapSpec spec, Supplier<BpfMap> source, KeyCodec keys) {
        super(opened, spec, source, keys);
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        return switch (name) {
            case "push" ->
                    new MethodValue(
                            1,
                            2,
                            arguments -> {
                                long flags =
                                        arguments.length > 1 ? Arguments.number(arguments, 1) : 0;
                                put(NO_KEY, arguments[0], flags);
                                return NullValue.INSTANCE;
                            });
            case "pop" -> new MethodValue(0, 0, arguments -> next(true));
            case "peek" -> new MethodValue(0, 0, arguments -> next(false));
            default -> super.member(name);
        };
    }

    private Object next(boolean remove) {
        try {
            byte[] bytes = remove ? usable().take(NO_KEY) : usable().get(NO_KEY);
            return bytes == null ? NullValue.INSTANCE : decode(bytes);
        } catch (MapException e) {
            throw new EbpfError(e);
        }
    }

    private Object decode(byte[] bytes) {
        return values.read(Storage.ofCopy(bytes, opened.object().spec().order()), 0);
    }

    @ExportMessage
    boolean hasIterator() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getIterator() {
        List<byte[]> waiting = map() instanceof QueueStackMap queue ? queue.values() : List.of();
        return new IteratorValue(waiting.stream().map(this::decode).iterator());
    }
}
