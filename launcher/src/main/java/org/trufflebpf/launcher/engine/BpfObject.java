package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.Value;
import org.trufflebpf.launcher.engine.EbpfRunException.Phase;

import java.util.ArrayList;
import java.util.List;

/** An opened object: its programs and maps in the order of the file. */
public final class BpfObject {
    private final Value value;

    BpfObject(Value value) {
        this.value = value;
    }

    public String license() {
        return Values.text(value, "license");
    }

    /** {@code little} or {@code big}. */
    public String byteOrder() {
        return "BIG_ENDIAN".equals(Values.text(value, "byteOrder")) ? "big" : "little";
    }

    /** What the loader left aside, one line each. */
    public List<String> warnings() {
        return Values.texts(value, "warnings");
    }

    public List<BpfProgram> programs() throws EbpfRunException {
        return Failures.call(
                Phase.LOAD,
                () -> {
                    Value array = value.getMember("programs");
                    List<BpfProgram> programs = new ArrayList<>();
                    for (long i = 0; i < array.getArraySize(); i++) {
                        programs.add(new BpfProgram(array.getArrayElement(i)));
                    }
                    return programs;
                });
    }

    public List<BpfMap> maps() throws EbpfRunException {
        return Failures.call(
                Phase.LOAD,
                () -> {
                    Value array = value.getMember("maps");
                    List<BpfMap> maps = new ArrayList<>();
                    for (long i = 0; i < array.getArraySize(); i++) {
                        maps.add(new BpfMap(array.getArrayElement(i)));
                    }
                    return maps;
                });
    }

    /** Sets a global variable; only before the first load. */
    public void setGlobal(String name, String text) throws EbpfRunException {
        Failures.call(Phase.USAGE, () -> value.invokeMember("setGlobal", name, text));
    }
}
