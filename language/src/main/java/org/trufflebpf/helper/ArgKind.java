package org.trufflebpf.helper;

/**
 * What a helper takes in one argument: the kernel's {@code enum bpf_arg_type} without its flags.
 */
public enum ArgKind {
    CONST_MAP_PTR("a map"),
    MAP_KEY("a pointer to a key of the map"),
    MAP_VALUE("a pointer to a value of the map"),
    MEM("a pointer to memory"),
    ARENA("an arena map"),
    CONST_SIZE("a size above 0"),
    CONST_SIZE_OR_ZERO("a size"),
    CTX("the program's context"),
    ANYTHING("any value"),
    SPIN_LOCK("a pointer to a bpf_spin_lock in a map value"),
    SOCK_COMMON("a socket"),
    SOCKET("a full socket"),
    BTF_ID("a pointer to a kernel object"),
    RINGBUF_MEM("a reserved ring buffer record"),
    CONST_ALLOC_SIZE_OR_ZERO("a size to allocate"),
    BTF_ID_SOCK_COMMON("a socket"),
    PERCPU_BTF_ID("a per-CPU kernel variable"),
    FUNC("a function of the program"),
    STACK("a pointer to the stack"),
    CONST_STR("a string in a read-only map value"),
    TIMER("a pointer to a bpf_timer in a map value"),
    KPTR_XCHG_DEST("a pointer to a kptr in a map value"),
    DYNPTR("a pointer to a dynptr on the stack");

    private final String expected;

    ArgKind(String expected) {
        this.expected = expected;
    }

    /** What an error message says was expected. */
    public String expected() {
        return expected;
    }
}
