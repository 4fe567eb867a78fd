package org.trufflebpf.verifier;

/**
 * Timers, work queues and task work in map values, which go with the map that they lie in (kernel:
 * {@code check_map_field_pointer}).
 */
final class MapFieldCheck {
    private MapFieldCheck() {}

    /** Holds a register to a field of a kind in a map value. */
    static void require(int regno, Reg reg, SpecialField.Kind kind) {
        String name = kind.text();
        Env.requireConstantOffset(regno, reg, name, RefusalKind.ARGUMENT);
        SpecialField field = reg.map.field(kind);
        if (field == null) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT, "map '" + reg.map.name() + "' has no valid " + name);
        }
        long at = reg.off + reg.bits.value();
        if (field.offset() != at) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "off "
                            + at
                            + " doesn't point to 'struct "
                            + name
                            + "' that is at "
                            + field.offset());
        }
    }

    /** The map that is given too has to be the one that the field lies in. */
    static void requireSameMap(int mapRegno, Reg map, MapFacts of, int uid, String what) {
        if (of != map.map || uid != map.mapUid) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    what
                            + " pointer in R"
                            + (mapRegno - 1)
                            + " map_uid="
                            + uid
                            + " doesn't match map pointer in R"
                            + mapRegno
                            + " map_uid="
                            + map.mapUid);
        }
    }
}
