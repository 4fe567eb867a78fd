package org.trufflebpf.helper;

/** What a helper leaves in r0: the kernel's {@code enum bpf_return_type} without its flags. */
public enum ReturnKind {
    INTEGER,
    VOID,
    MAP_VALUE,
    SOCKET,
    TCP_SOCK,
    SOCK_COMMON,
    MEM,
    MEM_OR_BTF_ID,
    BTF_ID
}
