package org.trufflebpf.helper;

/** {@code ETH_P_*} of {@code linux/if_ether.h}. */
final class EtherType {
    static final int IP = 0x0800;
    static final int IPV6 = 0x86dd;
    static final int VLAN = 0x8100;
    static final int VLAN_AD = 0x88a8;

    private EtherType() {}

    static boolean isVlan(int type) {
        return type == VLAN || type == VLAN_AD;
    }
}
