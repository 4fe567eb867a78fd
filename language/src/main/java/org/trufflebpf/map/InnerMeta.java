package org.trufflebpf.map;

import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapFlags;
import org.trufflebpf.uapi.MapType;

/**
 * The shape that all inner maps of a map of maps have, so that programs can be checked against it
 * (kernel: {@code inner_map_meta}).
 *
 * @param spec the template, after the loader's defaults
 * @param fields its values' fields
 */
public record InnerMeta(MapSpec spec, ValueFields fields) {
    /** Whether a map may stand in a slot: kernel {@code bpf_map_meta_equal}. */
    public boolean accepts(BpfMap map) {
        boolean sameSize =
                spec.type() != MapType.ARRAY
                        || (spec.flags() & MapFlags.BPF_F_INNER_MAP) != 0
                        || spec.maxEntries() == map.maxEntries();
        return spec.type() == map.type()
                && spec.keySize() == map.keySize()
                && spec.valueSize() == map.valueSize()
                && spec.flags() == map.flags()
                && fields.equals(map.fields())
                && sameSize;
    }
}
