package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;

import java.util.function.Supplier;

/**
 * Turns what the language throws into {@link EbpfRunException}, and lets bugs through as they are.
 */
final class Failures {

    /** Calls into the language; {@code phase} stands for failures that do not name their own. */
    static <T> T call(EbpfRunException.Phase phase, Supplier<T> action) throws EbpfRunException {
        try {
            return action.get();
        } catch (PolyglotException e) {
            throw translate(e, phase);
        }
    }

    private static EbpfRunException translate(PolyglotException e, EbpfRunException.Phase phase) {
        if (e.isGuestException() && e.getGuestObject() != null) {
            Value guest = e.getGuestObject();
            String message = Values.text(guest, "message");
            if (message != null) {
                String description = Values.text(guest, "description");
                return new EbpfRunException(
                        EbpfRunException.Phase.byLabel(Values.text(guest, "phase"), phase),
                        message,
                        Values.text(guest, "program"),
                        (int) Values.number(guest, "insn", -1),
                        Values.text(guest, "source"),
                        description == null ? message : description,
                        e);
            }
        }
        if (e.isResourceExhausted() || e.isCancelled() || e.isInterrupted()) {
            String message = e.getMessage() == null ? "resources are exhausted" : e.getMessage();
            return new EbpfRunException(phase, message, null, -1, null, message, e);
        }
        if (e.isGuestException() && !e.isInternalError()) {
            String message = String.valueOf(e.getMessage());
            return new EbpfRunException(phase, message, null, -1, null, message, e);
        }
        throw e;
    }

    private Failures() {}
}
