package org.trufflebpf.object;

import org.trufflebpf.uapi.MapType;

import java.util.List;

/**
 * A map as an object declares it ({@code .maps}, {@code maps}, or a data section such as {@code
 * .rodata}).
 *
 * @param name the variable's name, or the section's for a data section ({@code .bss})
 * @param type the map type
 * @param keySize bytes, 0 for maps without keys
 * @param valueSize bytes
 * @param maxEntries as declared, unsigned; 0 where the loader decides (see the map types' table);
 *     of a ring buffer rounded up to a power of two of pages, as libbpf does
 * @param flags {@code BPF_F_*} of map creation
 * @param mapExtra {@code map_extra}
 * @param numaNode {@code numa_node}, or -1
 * @param pinByName {@code LIBBPF_PIN_BY_NAME} was asked for
 * @param keyTypeId BTF type id of the key in the object's BTF, or 0
 * @param valueTypeId BTF type id of the value in the object's BTF (the DATASEC for a data section),
 *     or 0
 * @param inner template of the inner maps of a map-in-map, or {@code null}
 * @param slots static initial values: programs of a prog array, maps of a map-in-map, functions of
 *     a struct_ops map (there the key is the member's byte offset)
 * @param data initial contents of a data section, zero-filled to {@code valueSize}; of a struct_ops
 *     map its value; of an arena its {@code __arena} globals; else {@code null}
 * @param kind what this map stands for
 */
@SuppressWarnings("ArrayRecordComponent")
public record MapSpec(
        String name,
        MapType type,
        int keySize,
        int valueSize,
        int maxEntries,
        int flags,
        long mapExtra,
        int numaNode,
        boolean pinByName,
        int keyTypeId,
        int valueTypeId,
        MapSpec inner,
        List<Slot> slots,
        byte[] data,
        Kind kind) {
    /** Whether a map was declared as one or made by the loader for a section of data. */
    public enum Kind {
        DECLARED,
        RODATA,
        DATA,
        BSS,
        KCONFIG
    }

    /** One static initial value: slot {@code key} holds the program or map named {@code target}. */
    public record Slot(int key, String target) {}

    public MapSpec {
        slots = List.copyOf(slots);
    }

    /** The same map with other static initial values. */
    public MapSpec withSlots(List<Slot> newSlots) {
        return with(inner, newSlots, data);
    }

    /** The same map with a template for its inner maps. */
    public MapSpec withInner(MapSpec newInner) {
        return with(newInner, slots, data);
    }

    /** The same map with initial contents. */
    public MapSpec withData(byte[] newData) {
        return with(inner, slots, newData);
    }

    private MapSpec with(MapSpec newInner, List<Slot> newSlots, byte[] newData) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                flags,
                mapExtra,
                numaNode,
                pinByName,
                keyTypeId,
                valueTypeId,
                newInner,
                newSlots,
                newData,
                kind);
    }

    public boolean isData() {
        return kind != Kind.DECLARED;
    }
}
