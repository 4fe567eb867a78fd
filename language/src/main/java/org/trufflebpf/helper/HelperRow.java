package org.trufflebpf.helper;

import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A helper: one row of {@link HelperTable}, or a kernel function: one row of {@link KfuncTable}.
 *
 * @param number the immediate of the call instruction, {@link KfuncTable#NUMBER} for a kernel
 *     function
 * @param name without {@code bpf_}
 * @param args the arguments from r1 on
 * @param result what r0 holds after the call
 * @param effects what verifier and nodes must know besides
 * @param types the program types that may call it
 * @param state whether and where it is implemented
 * @param function the implementation; {@code null} unless the state is {@link State#FUNCTION}
 */
public record HelperRow(
        int number,
        String name,
        List<HelperArg> args,
        HelperReturn result,
        Set<Effect> effects,
        Set<ProgramType> types,
        State state,
        HelperFunction function) {
    /** What a call does besides its result; the letters are those of {@link HelperSignatures}. */
    public enum Effect {
        /** Only programs under a GPL-compatible license may call it. */
        GPL_ONLY('g'),
        /** Takes pointers into the packet as memory arguments. */
        PACKET_ACCESS('p'),
        /** Only sleepable programs may call it. */
        MIGHT_SLEEP('s'),
        /** Keeps all registers but r0. */
        FASTCALL('f'),
        /** May move the packet: pointers into it are void afterwards. */
        CHANGES_PACKET('c'),
        /** Calls a function of the program. */
        CALLS_BACK('b');

        private final char letter;

        Effect(char letter) {
            this.letter = letter;
        }

        char letter() {
            return letter;
        }
    }

    /** Whether and where a helper is implemented. */
    public enum State {
        /** By a {@link HelperFunction}. */
        FUNCTION,
        /** By the nodes themselves, as a tail call must be. */
        NODE,
        /** Not here; refused by name. */
        NONE
    }

    public HelperRow {
        args = List.copyOf(args);
        effects = Set.copyOf(effects);
        types = Set.copyOf(types);
    }

    public boolean has(Effect effect) {
        return effects.contains(effect);
    }

    /** This row with another argument. */
    HelperRow withArgument(int index, HelperArg argument) {
        List<HelperArg> changed = new ArrayList<>(args);
        changed.set(index, argument);
        return new HelperRow(number, name, changed, result, effects, types, state, function);
    }

    HelperRow withoutArguments() {
        return new HelperRow(number, name, List.of(), result, effects, types, state, function);
    }

    /** {@code bpf_map_lookup_elem}. */
    public String fullName() {
        return "bpf_" + name;
    }

    /**
     * {@code bpf_map_lookup_elem#1}, as the kernel's verifier prints it; a kernel function's name
     * alone.
     */
    @Override
    public String toString() {
        return number < 0 ? fullName() : fullName() + "#" + number;
    }
}
