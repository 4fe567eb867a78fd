package org.trufflebpf.world;

/**
 * The ends of a flow in one direction (kernel: {@code struct nf_conntrack_tuple}).
 *
 * @param protocol {@code IPPROTO_*}
 */
public record FlowTuple(int protocol, IpEndpoint source, IpEndpoint destination) {
    /** The tuple of the answers. */
    public FlowTuple inverted() {
        return new FlowTuple(protocol, /* source= */ destination, /* destination= */ source);
    }
}
