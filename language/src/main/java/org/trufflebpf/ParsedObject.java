package org.trufflebpf;

import org.trufflebpf.nodes.ProgramCode;
import org.trufflebpf.object.ObjectSpec;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * An object file as the engine keeps it: its specification, and the code of its programs that
 * contexts share.
 */
final class ParsedObject {
    private static final int MAX_FACTS = 1024;

    private final ObjectSpec spec;
    private final Map<Integer, ProgramCode> codes = new ConcurrentHashMap<>();

    /** With which facts programs were verified and accepted. */
    private final Set<Object> accepted = ConcurrentHashMap.newKeySet();

    ParsedObject(ObjectSpec spec) {
        this.spec = spec;
    }

    ObjectSpec spec() {
        return spec;
    }

    /** The shared code of a program, made by the first context that needs it. */
    ProgramCode code(int program, Supplier<ProgramCode> maker) {
        return codes.computeIfAbsent(program, key -> maker.get());
    }

    /** Whether a program was accepted before with the same facts. */
    boolean isAccepted(Object facts) {
        return accepted.contains(facts);
    }

    void accepted(Object facts) {
        if (accepted.size() >= MAX_FACTS) {
            accepted.clear();
        }
        accepted.add(facts);
    }
}
