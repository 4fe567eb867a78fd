package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

import java.util.List;

/** What the verifier knows of a map: its specification and the special fields of its values. */
final class MapFacts {
    /** Its place among the object's maps, -1 for an inner map. */
    final int index;

    final MapSpec spec;
    final Btf btf;
    final List<SpecialField> fields;
    final MapFacts inner;
    private final byte[] constants;

    MapFacts(int index, MapSpec spec, Btf btf, byte[] constants) {
        this.index = index;
        this.constants = constants;
        this.spec = spec;
        this.btf = btf;
        this.fields = SpecialField.find(btf, spec.valueTypeId());
        this.inner = spec.inner() == null ? null : new MapFacts(-1, spec.inner(), btf, null);
    }

    MapType type() {
        return spec.type();
    }

    int keySize() {
        return spec.keySize();
    }

    /** Bytes that a program sees of a value. */
    int valueSize() {
        return spec.valueSize();
    }

    String name() {
        return spec.name();
    }

    boolean mayRead() {
        return (spec.flags() & MapFlags.BPF_F_WRONLY_PROG) == 0;
    }

    boolean mayWrite() {
        return (spec.flags() & MapFlags.BPF_F_RDONLY_PROG) == 0
                && spec.kind() != MapSpec.Kind.RODATA
                && spec.kind() != MapSpec.Kind.KCONFIG;
    }

    /** Contents that never change, so that a load from them is a constant. */
    byte[] constants() {
        return constants;
    }

    /** The special field at an offset, or {@code null}. */
    SpecialField field(SpecialField.Kind kind) {
        for (SpecialField field : fields) {
            if (field.kind() == kind) {
                return field;
            }
        }
        return null;
    }

    SpecialField fieldAt(long offset) {
        for (SpecialField field : fields) {
            if (field.offset() == offset) {
                return field;
            }
        }
        return null;
    }
}
