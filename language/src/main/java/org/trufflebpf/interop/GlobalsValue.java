package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.ArrayMap;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.object.MapSpec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The global variables of an object as members, live; those of {@code .rodata} can be written until
 * a program of the object is loaded.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class GlobalsValue extends EbpfValue {
    /** A variable: the index of its section's map, and its place there. */
    private record Variable(int map, StructLayout.Field field) {}

    private final Opened opened;
    private final Map<String, Variable> variables = new LinkedHashMap<>();

    GlobalsValue(Opened opened) {
        this.opened = opened;
        List<MapSpec> maps = opened.object().spec().maps();
        for (int i = 0; i < maps.size(); i++) {
            MapSpec spec = maps.get(i);
            if (spec.isData()
                    && opened.layouts().of(spec.valueTypeId(), spec.valueSize())
                            instanceof StructLayout section) {
                for (String name : section.names()) {
                    variables.putIfAbsent(name, new Variable(i, section.field(name)));
                }
            }
        }
    }

    @Override
    Object identity() {
        return List.of("globals", opened.object());
    }

    @Override
    String display() {
        return "globals " + variables.keySet();
    }

    @TruffleBoundary
    private Variable variable(String name) {
        return variables.get(name);
    }

    private ArrayMap section(Variable variable) {
        BpfMap map = opened.object().instance().map(variable.map);
        if (map instanceof RefusedMap refused) {
            throw refused.reason();
        }
        return (ArrayMap) map;
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new ListValue(List.copyOf(variables.keySet()));
    }

    @ExportMessage
    boolean isMemberReadable(String name) {
        return variable(name) != null;
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String name) throws UnknownIdentifierException {
        Variable variable = variable(name);
        if (variable == null) {
            throw UnknownIdentifierException.create(name);
        }
        try {
            ArrayMap section = section(variable);
            return variable.field
                    .layout()
                    .read(Storage.ofMap(section), section.valuesStart() + variable.field.offset());
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberModifiable(String name) {
        Variable variable = variable(name);
        if (variable == null) {
            return false;
        }
        BpfMap map = opened.object().instance().map(variable.map);
        return !(map instanceof RefusedMap) && !map.isFrozen();
    }

    @ExportMessage
    boolean isMemberInsertable(@SuppressWarnings("unused") String name) {
        return false;
    }

    @ExportMessage
    @TruffleBoundary
    void writeMember(String name, Object value) throws UnknownIdentifierException {
        Variable variable = variable(name);
        if (variable == null) {
            throw UnknownIdentifierException.create(name);
        }
        try {
            ArrayMap section = section(variable);
            variable.field
                    .layout()
                    .write(
                            Storage.ofMap(section),
                            section.valuesStart() + variable.field.offset(),
                            value,
                            " variable `" + name + "`");
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }
}
