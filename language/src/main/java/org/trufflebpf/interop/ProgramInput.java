package org.trufflebpf.interop;

import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.context.ArgsContext;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.object.ProgramSpec;

import java.util.Map;

/** What callers of a program pass, as the input of a run. */
final class ProgramInput {
    private final Opened opened;
    private final ProgramSpec program;

    ProgramInput(Opened opened, ProgramSpec program) {
        this.opened = opened;
        this.program = program;
    }

    /** Whether these are numbers for a program whose context is an array of arguments. */
    boolean areArgs(Object[] values) {
        if (!(ProgramContexts.of(program) instanceof ArgsContext)) {
            return false;
        }
        for (Object value : values) {
            if (!Layout.INTEROP.isNumber(value)) {
                return false;
            }
        }
        return true;
    }

    RunInput ofArgs(Object[] values) {
        return new RunInput(null, null, Arguments.longs(new ListValue(values), "args"), 1, 0);
    }

    /** Bytes or null, and a context as bytes, as an object of fields, or null. */
    RunInput of(Object data, Object ctx) {
        return new RunInput(Arguments.bytes(data, "data"), context(ctx), null, 1, 0);
    }

    /** The argument of {@code run}: an object with {@code data}, {@code ctx} and the like. */
    RunInput ofSpec(Object spec) {
        if (Arguments.isNull(spec)) {
            return new RunInput(null, null, null, 1, 0);
        }
        long[] args = args(Arguments.member(spec, "args"));
        if (args != null && !ProgramContexts.of(program).takesArguments()) {
            throw BpfException.usage(
                    "programs of type "
                            + program.type().label()
                            + " take no list of arguments, but a context");
        }
        Object ctx = Arguments.member(spec, "ctx");
        boolean walks = ProgramContexts.of(program).isSequence();
        return new RunInput(
                Arguments.bytes(Arguments.member(spec, "data"), "data"),
                walks ? null : context(ctx),
                args,
                Arguments.number(spec, "repeat", 1),
                Arguments.number(spec, "cpu", 0),
                walks ? Arguments.texts(ctx, "ctx") : Map.of());
    }

    /** Numbers, and texts such as {@code @memory/NAME}, which are addresses of what they name. */
    private long[] args(Object list) {
        if (Arguments.isNull(list) || !Layout.INTEROP.hasArrayElements(list)) {
            return Arguments.longs(list, "args");
        }
        try {
            Object[] args = new Object[(int) Layout.INTEROP.getArraySize(list)];
            for (int i = 0; i < args.length; i++) {
                Object value = Layout.INTEROP.readArrayElement(list, i);
                args[i] = Arguments.isText(value) ? address(Layout.INTEROP.asString(value)) : value;
            }
            return Arguments.longs(new ListValue(args), "args");
        } catch (InteropException e) {
            throw BpfException.usage("args has to be an array of 64-bit numbers");
        }
    }

    private long address(String reference) {
        return opened.object().context().machine().world().address(reference);
    }

    private byte[] context(Object ctx) {
        if (Arguments.isNull(ctx)
                || Layout.INTEROP.hasBufferElements(ctx)
                || Layout.INTEROP.hasArrayElements(ctx)
                || !(Layout.INTEROP.hasMembers(ctx) || Layout.INTEROP.hasHashEntries(ctx))) {
            return Arguments.bytes(ctx, "ctx");
        }
        StructLayout layout = ContextLayout.of(opened, program);
        if (layout == null) {
            throw BpfException.usage(
                    "ctx cannot be given by its fields: the context of type "
                            + program.type().label()
                            + " is no structure of its own, and the object's BTF does not say to"
                            + " which one the program's parameter points");
        }
        return layout.bytes(
                ctx, Storage.ofCopy(new byte[0], opened.object().spec().order()), " ctx");
    }

    /** A context that came out of a run as a structure, the null value where BTF tells none. */
    Object context(byte[] bytes) {
        StructLayout layout = bytes == null ? null : ContextLayout.of(opened, program);
        return layout == null || layout.size > bytes.length
                ? NullValue.INSTANCE
                : layout.read(Storage.ofCopy(bytes, opened.object().spec().order()), 0);
    }
}
