package org.trufflebpf.world;

/** A range of addresses: those whose first {@code length} bits are those of {@code address}. */
public record IpPrefix(IpAddress address, int length) {
    public boolean contains(IpAddress candidate) {
        return address.matches(candidate, length);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
