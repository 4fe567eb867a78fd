package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.nodes.ExplodeLoop;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.nodes.GuestFunctionNode;
import org.trufflebpf.runtime.Run;

import java.util.Arrays;
import java.util.List;

/**
 * Calls a function of another language in place of a helper. The function is a constant of the
 * call, so that Truffle can inline it into the program. What it throws ends the run.
 */
final class InteropFunctionNode extends GuestFunctionNode {
    private final String name;
    private final Object function;

    @CompilationFinal(dimensions = 1)
    private FunctionParameter[] parameters;

    /** Whether nobody declared how many arguments there are: then the function tells. */
    private final boolean undeclared;

    private final boolean needsMemory;
    private final FunctionResult result;
    @Child private InteropLibrary functions;
    @Child private InteropLibrary results;

    InteropFunctionNode(
            String name,
            Object function,
            List<FunctionParameter> parameters,
            boolean undeclared,
            FunctionResult result) {
        this.undeclared = undeclared;
        this.name = name;
        this.function = function;
        this.parameters = parameters.toArray(FunctionParameter[]::new);
        this.needsMemory = parameters.stream().anyMatch(FunctionParameter::needsMemory);
        this.result = result;
        this.functions = InteropLibrary.getFactory().create(function);
        this.results = InteropLibrary.getFactory().createDispatched(3);
    }

    @Override
    public long execute(Run run, long r1, long r2, long r3, long r4, long r5) {
        if (!needsMemory) {
            return call(null, r1, r2, r3, r4, r5);
        }
        FunctionParameter.Call call =
                new FunctionParameter.Call(run, new long[] {r1, r2, r3, r4, r5});
        try {
            return call(call, r1, r2, r3, r4, r5);
        } finally {
            call.end();
        }
    }

    @ExplodeLoop
    private long call(FunctionParameter.Call call, long r1, long r2, long r3, long r4, long r5) {
        Object[] arguments = new Object[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            arguments[i] = parameters[i].convert(call, i, register(i, r1, r2, r3, r4, r5));
        }
        Object value;
        try {
            value = functions.execute(function, arguments);
        } catch (ArityException e) {
            if (!takesFewer(e)) {
                throw uncallable(e);
            }
            CompilerDirectives.transferToInterpreterAndInvalidate();
            parameters = Arrays.copyOf(parameters, e.getExpectedMaxArity());
            return call(call, r1, r2, r3, r4, r5);
        } catch (InteropException e) {
            throw uncallable(e);
        }
        return r0(value);
    }

    /** Whether the function wants just the first of the arguments, as a Wasm export may. */
    private boolean takesFewer(ArityException e) {
        return undeclared
                && e.getExpectedMaxArity() >= 0
                && e.getExpectedMaxArity() < parameters.length;
    }

    private static long register(int index, long r1, long r2, long r3, long r4, long r5) {
        return switch (index) {
            case 0 -> r1;
            case 1 -> r2;
            case 2 -> r3;
            case 3 -> r4;
            default -> r5;
        };
    }

    private long r0(Object value) {
        if (result.isVoid()) {
            return 0;
        }
        if (results.fitsInLong(value)) {
            try {
                long number = results.asLong(value);
                if (result.takes(number)) {
                    return number;
                }
            } catch (UnsupportedMessageException e) {
                // said below
            }
        }
        return result.convert(name, value);
    }

    @TruffleBoundary
    private BpfException uncallable(InteropException cause) {
        return BpfException.trap(
                name + ": the bound function cannot be called so: " + cause.getMessage());
    }
}
