package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Value;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a search for a counterexample came to.
 *
 * @param tries inputs that were run; 0 where no run can show what the program is refused for
 * @param found whether one of them faults
 * @param insn the instruction that faults
 * @param data the packet, or {@code null}
 * @param ctx the context, or {@code null}
 * @param args the arguments of what the program hooks, or {@code null}
 * @param entries map, key and value, alternating, as {@code --map} takes them
 */
@SuppressWarnings("ArrayRecordComponent")
public record Found(
        long tries,
        boolean found,
        int insn,
        byte[] data,
        byte[] ctx,
        List<Long> args,
        List<String> entries) {

    static Found of(Value value) {
        return new Found(
                Values.number(value, "tries", 0),
                Values.flag(value, "found"),
                (int) Values.number(value, "insn", -1),
                Values.bytes(value, "data"),
                Values.bytes(value, "ctx"),
                Values.member(value, "args") == null ? null : Values.numbers(value, "args"),
                entries(Values.member(value, "entries")));
    }

    private static List<String> entries(Value array) {
        List<String> entries = new ArrayList<>();
        for (long i = 0; array != null && i < array.getArraySize(); i++) {
            Value entry = array.getArrayElement(i);
            entries.add(Values.text(entry, "map"));
            entries.add("hex:" + hex(Values.bytes(entry, "key")));
            entries.add("hex:" + hex(Values.bytes(entry, "value")));
        }
        return entries;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
