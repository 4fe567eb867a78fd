package org.trufflebpf.interop;

/**
 * A pointer of the guest, or another thing that other languages may pass on and not look into, such
 * as a spin lock. Two pointers to one address are identical.
 */
final class PointerValue extends EbpfValue {
    private final String type;
    private final long address;

    /**
     * Makes a pointer.
     *
     * @param type what it points to, for people
     */
    PointerValue(String type, long address) {
        this.type = type;
        this.address = address;
    }

    /** NULL becomes the null value. */
    static Object of(String type, long address) {
        return address == 0 ? NullValue.INSTANCE : new PointerValue(type, address);
    }

    long address() {
        return address;
    }

    @Override
    String display() {
        return "(" + type + ") 0x" + Long.toHexString(address);
    }

    @Override
    Object identity() {
        return address;
    }
}
