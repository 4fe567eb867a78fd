package org.trufflebpf.verifier;

/** What mends an access that may be out of bounds, in the numbers of the place. */
final class Advice {
    private Advice() {}

    /**
     * @param off of the access from the start of the object, at its worst
     * @param size bytes accessed
     * @param there bytes that are known to be there
     */
    static String bounds(Reg reg, long off, int size, long there) {
        if (off < 0) {
            return "the access may begin " + -off + " bytes before the object: bound the offset";
        }
        String needed = there + bytes(there) + " known to be there, " + (off + size) + " needed";
        return switch (reg.type) {
            case PACKET -> packet(reg, "data_end", off, size, there);
            case PACKET_META -> packet(reg, "data", off, size, there);
            default ->
                    reg.isConst()
                            ? "the object has "
                                    + there
                                    + " bytes, this access ends at byte "
                                    + (off + size)
                            : needed
                                    + ": compare the index with the object's size, or mask it,"
                                    + " before it is added to the pointer";
        };
    }

    /** The walk has come to its end without one of the program's. */
    static String tooManySteps(int limit, int insns) {
        return "all paths together may have "
                + limit
                + " instructions, the program has "
                + insns
                + ": "
                + RefusalKind.COMPLEXITY.hint();
    }

    static String tooManyPaths(int limit) {
        return limit
                + " paths wait to be walked, which is the limit: a loop without a constant bound"
                + " leaves one open at each turn; "
                + RefusalKind.LOOP.hint();
    }

    private static String packet(Reg reg, String end, long off, int size, long there) {
        if (there == 0
                && !reg.isConst()
                && Long.compareUnsigned(reg.umax, JumpCheck.MAX_PACKET_OFF) > 0) {
            return "bound the offset first (mask it, or compare it with a constant), then compare"
                    + " the pointer with "
                    + end;
        }
        return "compare with "
                + end
                + " before this access: "
                + there
                + bytes(there)
                + " known to be there, "
                + (off + size)
                + (off + size == 1 ? " is" : " are")
                + " needed";
    }

    private static String bytes(long count) {
        return count == 1 ? " byte is" : " bytes are";
    }
}
