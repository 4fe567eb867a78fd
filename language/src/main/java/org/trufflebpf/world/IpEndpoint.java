package org.trufflebpf.world;

/** An address and a port. */
public record IpEndpoint(IpAddress address, int port) {
    @Override
    public String toString() {
        return (address.isV6() ? "[" + address + "]" : address) + ":" + port;
    }
}
