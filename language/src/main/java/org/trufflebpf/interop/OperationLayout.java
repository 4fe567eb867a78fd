package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropException;

import org.trufflebpf.btf.BtfType;
import org.trufflebpf.btf.value.Bits;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.RefusedMap;
import org.trufflebpf.map.StructOpsMap;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.relo.StructOps;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A function pointer in a structure of operations: the program that it points to, null for none. A
 * program of the object or its name may be written.
 */
final class OperationLayout extends Layout {
    private final Opened opened;
    private final Supplier<BpfMap> source;

    private OperationLayout(Opened opened, Supplier<BpfMap> source) {
        super(Long.BYTES);
        this.opened = opened;
        this.source = source;
    }

    /** The layout of the structure that a map of type struct_ops holds. */
    static Layout ofMap(Opened opened, MapSpec spec, Supplier<BpfMap> source) {
        Layouts layouts = opened.layouts();
        Layout plain = layouts.of(spec.valueTypeId(), Integer.toUnsignedLong(spec.valueSize()));
        if (!(plain instanceof StructLayout struct)) {
            return plain;
        }
        Map<String, Long> functions = new HashMap<>();
        for (BtfType.Member member : StructOps.functions(layouts.btf(), spec.valueTypeId())) {
            functions.put(member.name(), member.bitOffset() / 8);
        }
        List<StructLayout.Field> fields = new ArrayList<>();
        for (String name : struct.names()) {
            Long offset = functions.get(name);
            fields.add(
                    offset == null
                            ? struct.field(name)
                            : new StructLayout.Field(
                                    name, new OperationLayout(opened, source), offset));
        }
        return new StructLayout(struct.name(), struct.size, fields);
    }

    /**
     * The programs of a map of type struct_ops by the names of their members, in the structure's
     * order; of one that was refused those that the object names.
     */
    static Map<String, LoadableProgram> programs(Opened opened, BpfMap map) {
        Map<String, LoadableProgram> programs = new LinkedHashMap<>();
        for (BtfType.Member member :
                StructOps.functions(opened.layouts().btf(), map.spec().valueTypeId())) {
            Object target =
                    map instanceof StructOpsMap live
                            ? live.target(member.bitOffset() / 8)
                            : declared(opened, map, member);
            if (target instanceof LoadableProgram program) {
                programs.put(member.name(), program);
            }
        }
        return programs;
    }

    private static Object declared(Opened opened, BpfMap map, BtfType.Member member) {
        for (MapSpec.Slot slot : map.spec().slots()) {
            if (slot.key() * 8L == member.bitOffset()) {
                return opened.object().program(slot.target());
            }
        }
        return null;
    }

    @Override
    String name() {
        return "program";
    }

    @Override
    @TruffleBoundary
    Object read(Storage storage, long address) {
        long pointer = storage.getLong(address);
        return opened.object().context().machine().handles().get(pointer)
                        instanceof LoadableProgram program
                ? new ProgramValue(opened, program)
                : PointerValue.of("function *", pointer);
    }

    @Override
    void encode(Object value, byte[] target, int offset, Storage order, String what)
            throws InteropException {
        if (INTEROP.isNull(value)) {
            return;
        }
        LoadableProgram program =
                value instanceof ProgramValue given
                        ? given.program()
                        : INTEROP.isString(value)
                                ? opened.object().program(INTEROP.asString(value))
                                : null;
        if (program == null || !opened.object().programs().contains(program)) {
            throw unfit(value, what);
        }
        if (source.get() instanceof RefusedMap refused) {
            throw refused.reason();
        }
        long pointer = ((StructOpsMap) source.get()).handleOf(program);
        Bits.write(target, 8L * offset, 64, BigInteger.valueOf(pointer), order.order());
    }
}
