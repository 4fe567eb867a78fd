package org.trufflebpf.uapi;

/** Flags of map creation and of map operations, {@code linux/bpf.h} (kernel 6.18). */
public final class MapFlags {
    // ---- BPF_MAP_CREATE
    public static final int BPF_F_NO_PREALLOC = 1;
    public static final int BPF_F_NO_COMMON_LRU = 1 << 1;
    public static final int BPF_F_NUMA_NODE = 1 << 2;
    public static final int BPF_F_RDONLY = 1 << 3;
    public static final int BPF_F_WRONLY = 1 << 4;
    public static final int BPF_F_STACK_BUILD_ID = 1 << 5;
    public static final int BPF_F_ZERO_SEED = 1 << 6;
    public static final int BPF_F_RDONLY_PROG = 1 << 7;
    public static final int BPF_F_WRONLY_PROG = 1 << 8;
    public static final int BPF_F_CLONE = 1 << 9;
    public static final int BPF_F_MMAPABLE = 1 << 10;
    public static final int BPF_F_PRESERVE_ELEMS = 1 << 11;
    public static final int BPF_F_INNER_MAP = 1 << 12;
    public static final int BPF_F_LINK = 1 << 13;
    public static final int BPF_F_PATH_FD = 1 << 14;
    public static final int BPF_F_VTYPE_BTF_OBJ_FD = 1 << 15;
    public static final int BPF_F_TOKEN_FD = 1 << 16;
    public static final int BPF_F_SEGV_ON_FAULT = 1 << 17;
    public static final int BPF_F_NO_USER_CONV = 1 << 18;

    /** Who may do what: kernel {@code BPF_F_ACCESS_MASK}. */
    public static final int ACCESS_MASK =
            BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

    // ---- BPF_MAP_UPDATE_ELEM
    public static final long BPF_ANY = 0;
    public static final long BPF_NOEXIST = 1;
    public static final long BPF_EXIST = 2;
    public static final long BPF_F_LOCK = 4;

    // ---- bpf_perf_event_output
    public static final long BPF_F_INDEX_MASK = 0xffffffffL;
    public static final long BPF_F_CURRENT_CPU = BPF_F_INDEX_MASK;

    // ---- ring buffers
    public static final long BPF_RB_NO_WAKEUP = 1;
    public static final long BPF_RB_FORCE_WAKEUP = 2;
    public static final long BPF_RB_AVAIL_DATA = 0;
    public static final long BPF_RB_RING_SIZE = 1;
    public static final long BPF_RB_CONS_POS = 2;
    public static final long BPF_RB_PROD_POS = 3;

    private static final String[] NAMES = {
        "NO_PREALLOC",
        "NO_COMMON_LRU",
        "NUMA_NODE",
        "RDONLY",
        "WRONLY",
        "STACK_BUILD_ID",
        "ZERO_SEED",
        "RDONLY_PROG",
        "WRONLY_PROG",
        "CLONE",
        "MMAPABLE",
        "PRESERVE_ELEMS",
        "INNER_MAP",
        "LINK",
        "PATH_FD",
        "VTYPE_BTF_OBJ_FD",
        "TOKEN_FD",
        "SEGV_ON_FAULT",
        "NO_USER_CONV"
    };

    private MapFlags() {}

    /** The names of creation flags, {@code BPF_F_NUMA_NODE | BPF_F_RDONLY}; unknown bits in hex. */
    public static String names(int flags) {
        StringBuilder text = new StringBuilder();
        int rest = flags;
        for (int bit = 0; bit < NAMES.length; bit++) {
            if ((rest & 1 << bit) != 0) {
                text.append(text.isEmpty() ? "" : " | ").append("BPF_F_").append(NAMES[bit]);
                rest &= ~(1 << bit);
            }
        }
        if (rest != 0 || text.isEmpty()) {
            text.append(text.isEmpty() ? "" : " | ").append("0x").append(Integer.toHexString(rest));
        }
        return text.toString();
    }
}
