package org.trufflebpf.runtime;

import org.trufflebpf.map.ArenaMap;
import org.trufflebpf.map.ArrayMap;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.Architecture;
import org.trufflebpf.object.ObjectSpec;

import java.util.List;

/**
 * An object loaded into a machine: its live maps, by the index that instructions refer to. Programs
 * are bound by the nodes that run them.
 */
public final class Instance {
    private final Machine machine;
    private final ObjectSpec spec;
    private final Memory memory;
    private final List<BpfMap> maps;

    /** {@code null} until somebody asks: only probes do. */
    private Architecture architecture;

    public Instance(Machine machine, ObjectSpec spec, List<BpfMap> maps) {
        this.machine = machine;
        this.spec = spec;
        this.memory = machine.memory().inOrder(spec.order());
        this.maps = List.copyOf(maps);
    }

    public Machine machine() {
        return machine;
    }

    public ObjectSpec spec() {
        return spec;
    }

    /**
     * The machine whose registers probes of the object read: x86-64 where the object names none.
     */
    public Architecture architecture() {
        if (architecture == null) {
            architecture = Architecture.of(spec);
        }
        return architecture;
    }

    /** The arena in the object's byte order. */
    public Memory memory() {
        return memory;
    }

    public List<BpfMap> maps() {
        return maps;
    }

    public BpfMap map(int index) {
        return maps.get(index);
    }

    /** The map of a name, or {@code null}. */
    public BpfMap map(String name) {
        for (BpfMap map : maps) {
            if (map.name().equals(name)) {
                return map;
            }
        }
        return null;
    }

    /**
     * Guest address of the first value of an array map, which lddw may refer to ({@code
     * BPF_PSEUDO_MAP_VALUE}).
     */
    public long valueStart(int index) {
        return maps.get(index) instanceof ArenaMap arena
                ? arena.start()
                : ((ArrayMap) maps.get(index)).valuesStart();
    }
}
