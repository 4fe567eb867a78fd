package org.trufflebpf.verifier;

/** What a register holds: the kernel's {@code enum bpf_reg_type}, flags apart. */
enum RegType {
    NOT_INIT("?"),
    SCALAR("scalar"),
    CTX("ctx"),
    MAP_PTR("map_ptr"),
    MAP_VALUE("map_value"),
    MAP_KEY("map_key"),
    STACK("fp"),
    PACKET("pkt"),
    PACKET_META("pkt_meta"),
    PACKET_END("pkt_end"),
    FLOW_KEYS("flow_keys"),
    SOCKET("sock"),
    SOCK_COMMON("sock_common"),
    TCP_SOCK("tcp_sock"),
    TP_BUFFER("tp_buffer"),
    BTF("ptr_"),
    ARENA("arena"),
    MEM("mem"),
    BUF("buf"),
    FUNC("func"),
    DYNPTR("dynptr_ptr");

    private final String text;

    RegType(String text) {
        this.text = text;
    }

    /** The name in the kernel's log. */
    String text() {
        return text;
    }

    boolean isPacket() {
        return this == PACKET || this == PACKET_META;
    }

    boolean isSocket() {
        return this == SOCKET || this == SOCK_COMMON || this == TCP_SOCK;
    }
}
