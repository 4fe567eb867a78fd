package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.interop.ExceptionType;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.source.Source;
import com.oracle.truffle.api.source.SourceSection;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Phase;
import org.trufflebpf.failure.Where;
import org.trufflebpf.map.MapException;
import org.trufflebpf.uapi.Errno;

import java.util.List;
import java.util.Locale;

/**
 * A failure of the guest as other languages catch it. Its members tell the phase and the place:
 * {@code phase}, {@code failure}, {@code message}, {@code program}, {@code section}, {@code insn}
 * (-1 if unknown), {@code source}, {@code description} (place and message in one line), {@code
 * errno} (its name, such as {@code E2BIG}, or null).
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public final class EbpfError extends AbstractTruffleException {
    private static final long serialVersionUID = 1L;
    private static final List<String> NAMES =
            List.of(
                    "phase",
                    "failure",
                    "message",
                    "program",
                    "section",
                    "insn",
                    "source",
                    "description",
                    "errno");

    private final transient BpfException cause;

    /** What the kernel would have returned, or {@code null}. */
    private final Errno errno;

    /** The source that is wrong, {@code null} unless it was being opened. */
    private final transient SourceSection section;

    public EbpfError(BpfException cause) {
        this(cause, null, null);
    }

    /** A source cannot be opened. */
    public EbpfError(BpfException cause, Source source) {
        this(cause, null, source.createUnavailableSection());
    }

    /** A map operation failed. */
    EbpfError(MapException failed) {
        this(BpfException.usage(failed.getMessage()), failed.errno());
    }

    /** A failure that the kernel would report by an errno. */
    EbpfError(BpfException cause, Errno errno) {
        this(cause, errno, null);
    }

    private EbpfError(BpfException cause, Errno errno, SourceSection section) {
        super(cause.describe());
        this.section = section;
        this.cause = cause;
        this.errno = errno;
    }

    /** What the kernel would return, or {@code null}. */
    Errno errno() {
        return errno;
    }

    public BpfException failure() {
        return cause;
    }

    @ExportMessage
    ExceptionType getExceptionType() {
        return cause.phase() == Phase.LOAD || cause.phase() == Phase.VERIFY
                ? ExceptionType.PARSE_ERROR
                : ExceptionType.RUNTIME_ERROR;
    }

    @ExportMessage
    boolean hasSourceLocation() {
        return section != null;
    }

    @ExportMessage
    SourceSection getSourceLocation() throws UnsupportedMessageException {
        if (section == null) {
            throw UnsupportedMessageException.create();
        }
        return section;
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new ListValue(NAMES);
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String name) {
        return NAMES.contains(name);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String name) throws UnknownIdentifierException {
        Where where = cause.where();
        return switch (name) {
            case "phase" -> cause.phase().name().toLowerCase(Locale.ROOT);
            case "failure" -> cause.failure().name();
            case "message" -> cause.getMessage();
            case "program" -> NullValue.orNull(where.program());
            case "section" -> NullValue.orNull(where.section());
            case "insn" -> where.insn();
            case "source" -> NullValue.orNull(where.source());
            case "description" -> cause.describe();
            case "errno" -> NullValue.orNull(errno == null ? null : errno.name());
            default -> throw UnknownIdentifierException.create(name);
        };
    }
}
