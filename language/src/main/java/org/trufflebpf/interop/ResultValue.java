package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.nodes.RunResult;
import org.trufflebpf.runtime.Printed;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a run of a program gave. Made for each call of a program, so it is small, and its members
 * are made when they are asked for.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class ResultValue extends EbpfValue {
    /** The members, by the names that they have in other languages. */
    enum Part {
        VALUE,
        NAME,
        RETVAL,
        R0,
        VERDICT,
        DATA,
        CTX,
        CONTEXT,
        REPEAT,
        MEAN_NS,
        MIN_NS,
        MEDIAN_NS,
        TRACE,
        EVENTS,
        EFFECTS,
        CALLBACKS,
        PRINTED,
        STDOUT,
        STDERR;

        private static final List<Part> ALL = List.of(values());
        private static final List<String> NAMES = ALL.stream().map(Part::label).toList();

        private String label() {
            String[] words = name().toLowerCase(Locale.ROOT).split("_", -1);
            return words.length == 1 ? words[0] : words[0] + "Ns";
        }

        /** The part of that name, or {@code null}. */
        @TruffleBoundary
        static Part of(String name) {
            int index = NAMES.indexOf(name);
            return index < 0 ? null : ALL.get(index);
        }
    }

    private final ProgramValue program;
    private final long r0;
    private final int retval;
    private final byte[] data;
    private final byte[] ctx;
    private final int repeat;

    /** What a plain call leaves behind besides the packet. */
    private static final RunResult NOTHING =
            RunResult.untimed(null, List.of(), List.of(), Printed.NOTHING);

    /** What there was besides return value, packet and context. */
    private final RunResult more;

    /** A run that left nothing behind but a packet, {@code null} for none. */
    ResultValue(ProgramValue program, long r0, byte[] data) {
        this.program = program;
        this.r0 = r0;
        this.retval = (int) r0;
        this.data = data;
        this.ctx = null;
        this.repeat = 1;
        this.more = NOTHING;
    }

    ResultValue(ProgramValue program, RunResult more, int repeat) {
        this.program = program;
        this.r0 = more.output().r0();
        this.retval = more.output().retval();
        this.data = more.output().dataOut();
        this.ctx = more.output().ctxOut();
        this.repeat = repeat;
        this.more = more;
    }

    @Override
    String display() {
        return Part.ALL.stream()
                .map(part -> part.label() + "=" + Layout.show(part(part)))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private Object part(Part part) {
        return switch (part) {
            case VALUE, RETVAL -> retval & 0xffff_ffffL;
            case R0 -> r0;
            case NAME, VERDICT -> NullValue.orNull(program.program().spec().type().verdict(retval));
            case REPEAT -> repeat;
            default -> other(part);
        };
    }

    @TruffleBoundary
    private Object other(Part part) {
        return switch (part) {
            case DATA -> BytesValue.orNull(data);
            case CTX -> BytesValue.orNull(ctx);
            case CONTEXT -> program.input().context(ctx);
            case MEAN_NS -> nanos(more.meanNanos());
            case MIN_NS -> nanos(more.minNanos());
            case MEDIAN_NS -> nanos(more.medianNanos());
            case TRACE -> new ListValue(more.trace());
            case EVENTS -> ProgramValue.events(more.events());
            case EFFECTS -> new ListValue(more.effects());
            case CALLBACKS -> new ListValue(more.callbacks());
            case PRINTED -> BytesValue.orNull(more.printed().file());
            case STDOUT -> BytesValue.orNull(more.printed().stdout());
            case STDERR -> BytesValue.orNull(more.printed().stderr());
            default -> throw new IllegalArgumentException(part.toString());
        };
    }

    /** A time, null where it was not taken. */
    private static Object nanos(double time) {
        return Double.isNaN(time) ? NullValue.INSTANCE : time;
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new ListValue(Part.NAMES);
    }

    @ExportMessage
    static class IsMemberReadable {
        @Specialization(guards = "name.equals(known)", limit = "4")
        static boolean known(
                @SuppressWarnings("unused") ResultValue result,
                @SuppressWarnings("unused") String name,
                @SuppressWarnings("unused") @Cached("name") String known,
                @Cached("isPart(name)") boolean isPart) {
            return isPart;
        }

        @Specialization(replaces = "known")
        static boolean any(@SuppressWarnings("unused") ResultValue result, String name) {
            return isPart(name);
        }

        static boolean isPart(String name) {
            return Part.of(name) != null;
        }
    }

    @ExportMessage
    static class ReadMember {
        @Specialization(
                guards = {"name.equals(known)", "part != null"},
                limit = "4")
        static Object known(
                ResultValue result,
                @SuppressWarnings("unused") String name,
                @SuppressWarnings("unused") @Cached("name") String known,
                @Cached("partOf(name)") Part part) {
            return result.part(part);
        }

        @Specialization(replaces = "known")
        static Object any(ResultValue result, String name) throws UnknownIdentifierException {
            Part part = Part.of(name);
            if (part == null) {
                throw UnknownIdentifierException.create(name);
            }
            return result.part(part);
        }

        static Part partOf(String name) {
            return Part.of(name);
        }
    }
}
