package org.trufflebpf.interop;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.btf.value.TypedParse;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.map.ArrayMap;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.map.StructOpsMap;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.relo.StructOps;
import org.trufflebpf.uapi.MapType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The global variables of an object: members of the data sections that its BTF describes, and those
 * of its structures of operations, as {@code variable.member}.
 */
final class Globals {
    private final LoadedObject object;

    Globals(LoadedObject object) {
        this.object = object;
    }

    /**
     * Sets a variable of {@code .rodata}, {@code .data}, {@code .bss} or {@code .kconfig}, or a
     * member of a structure of operations.
     *
     * @param text in the form of {@link TypedParse}; for a function pointer the name of a program
     */
    void set(String name, String text) {
        Btf btf = object.spec().btf();
        if (btf == null) {
            throw BpfException.usage(
                    "cannot set " + name + ": the object has no BTF that tells its variables");
        }
        List<MapSpec> maps = object.spec().maps();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < maps.size(); i++) {
            MapSpec map = maps.get(i);
            if (map.type() == MapType.STRUCT_OPS
                    && btf.resolve(map.valueTypeId()) instanceof BtfType.Composite struct) {
                for (BtfType.Member member : struct.members()) {
                    names.add(map.name() + "." + member.name());
                    if (names.getLast().equals(name)) {
                        write(object.instance().map(i), member, text, name);
                        return;
                    }
                }
            }
            if (map.isData()
                    && map.valueTypeId() != 0
                    && btf.resolve(map.valueTypeId()) instanceof BtfType.Datasec section) {
                for (BtfType.VarInfo entry : section.vars()) {
                    names.add(btf.name(entry.type()));
                    if (btf.name(entry.type()).equals(name)) {
                        byte[] bytes =
                                new TypedParse(btf, object.spec().order())
                                        .parse(
                                                entry.type(),
                                                (int) entry.size(),
                                                text,
                                                "variable " + name);
                        if (entry.offset() + bytes.length > map.valueSize()) {
                            throw BpfException.malformed(
                                    Where.file(object.spec().name()),
                                    "variable " + name + " lies outside of section " + map.name());
                        }
                        write(object.instance().map(i), entry.offset(), bytes);
                        return;
                    }
                }
            }
        }
        throw BpfException.usage(
                "the object has no global variable "
                        + name
                        + (names.isEmpty() ? "" : "; it has " + String.join(", ", names)));
    }

    private void write(BpfMap map, BtfType.Member member, String text, String name) {
        checkOpen(map);
        StructOpsMap operations = (StructOpsMap) map;
        long offset = member.bitOffset() / 8;
        Btf btf = object.spec().btf();
        if (StructOps.functions(btf, map.spec().valueTypeId()).contains(member)) {
            LoadableProgram program = object.program(text);
            if (program == null) {
                throw BpfException.usage("cannot set " + name + ": there is no program " + text);
            }
            operations.write(offset, pointer(operations.handleOf(program)));
            return;
        }
        int size = (int) btf.sizeOf(member.type());
        operations.write(
                offset,
                new TypedParse(btf, object.spec().order())
                        .parse(member.type(), size, text, "member " + name));
    }

    private byte[] pointer(long address) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(object.spec().order())
                .putLong(address)
                .array();
    }

    private void write(BpfMap map, long offset, byte[] bytes) {
        checkOpen(map);
        object.instance().memory().write(((ArrayMap) map).valuesStart() + offset, bytes);
    }

    private static void checkOpen(BpfMap map) {
        if (map instanceof RefusedMap refused) {
            throw refused.reason();
        }
        if (map.isFrozen()) {
            throw BpfException.usage(
                    map.name() + " is read-only after a program of the object is loaded (EPERM)");
        }
    }
}
