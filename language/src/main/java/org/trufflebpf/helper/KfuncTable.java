package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.helper.HelperRow.State;
import org.trufflebpf.uapi.ProgramType;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Kernel functions that programs call by their BTF id, here by name. Rows have the form of helpers,
 * with number -1. Only functions that are implemented have a row; any other is refused by name,
 * with the reason that {@link KfuncReasons} gives. All of these are open to every program type.
 */
public final class KfuncTable {
    /** The number of every row. */
    public static final int NUMBER = -1;

    /** Name without {@code bpf_}, result, arguments. */
    private static final String ROWS =
            """
            iter_num_new      INTEGER   MEM=8|UNINIT|ALIGNED|WRITE,ANYTHING,ANYTHING
            iter_num_next     MEM|NULL  MEM=8|ALIGNED|WRITE
            iter_num_destroy  VOID      MEM=8|ALIGNED|WRITE
            iter_bits_new     INTEGER   MEM=16|UNINIT|ALIGNED|WRITE,ANYTHING,ANYTHING
            iter_bits_next    MEM|NULL  MEM=16|ALIGNED|WRITE
            iter_bits_destroy VOID      MEM=16|ALIGNED|WRITE
            map_sum_elem_count INTEGER  ANYTHING
            obj_new_impl      MEM|NULL  ANYTHING,ANYTHING
            obj_drop_impl     VOID      ANYTHING,ANYTHING
            percpu_obj_new_impl MEM|NULL ANYTHING,ANYTHING
            percpu_obj_drop_impl VOID   ANYTHING,ANYTHING
            refcount_acquire_impl MEM|NULL ANYTHING,ANYTHING
            list_push_front_impl INTEGER ANYTHING,ANYTHING,ANYTHING,ANYTHING
            list_push_back_impl INTEGER ANYTHING,ANYTHING,ANYTHING,ANYTHING
            list_pop_front    MEM|NULL  ANYTHING
            list_pop_back     MEM|NULL  ANYTHING
            list_front        MEM|NULL  ANYTHING
            list_back         MEM|NULL  ANYTHING
            rbtree_add_impl   INTEGER   ANYTHING,ANYTHING,FUNC,ANYTHING,ANYTHING
            rbtree_remove     MEM|NULL  ANYTHING,ANYTHING
            rbtree_first      MEM|NULL  ANYTHING
            rbtree_root       MEM|NULL  ANYTHING
            rbtree_left       MEM|NULL  ANYTHING,ANYTHING
            rbtree_right      MEM|NULL  ANYTHING,ANYTHING
            wq_init           INTEGER   TIMER,CONST_MAP_PTR,ANYTHING
            wq_set_callback_impl INTEGER TIMER,FUNC,ANYTHING,ANYTHING
            wq_start          INTEGER   TIMER,ANYTHING
            task_work_schedule_signal_impl INTEGER ANYTHING,ANYTHING,CONST_MAP_PTR,FUNC,ANYTHING
            task_work_schedule_resume_impl INTEGER ANYTHING,ANYTHING,CONST_MAP_PTR,FUNC,ANYTHING
            dynptr_from_skb   INTEGER   CTX,ANYTHING,DYNPTR|UNINIT|SKB|WRITE
            dynptr_from_xdp   INTEGER   CTX,ANYTHING,DYNPTR|UNINIT|XDP|WRITE
            dynptr_from_skb_meta INTEGER CTX,ANYTHING,DYNPTR|UNINIT|SKB|WRITE
            dynptr_slice      MEM|NULL|RDONLY DYNPTR,ANYTHING,MEM|NULL|UNINIT|WRITE,CONST_SIZE
            dynptr_slice_rdwr MEM|NULL  DYNPTR,ANYTHING,MEM|NULL|UNINIT|WRITE,CONST_SIZE
            dynptr_adjust     INTEGER   DYNPTR,ANYTHING,ANYTHING
            dynptr_is_null    INTEGER   DYNPTR
            dynptr_is_rdonly  INTEGER   DYNPTR
            dynptr_size       INTEGER   DYNPTR
            dynptr_clone      INTEGER   DYNPTR,DYNPTR|UNINIT|WRITE
            dynptr_copy       INTEGER   DYNPTR,ANYTHING,DYNPTR,ANYTHING,ANYTHING
            dynptr_memset     INTEGER   DYNPTR,ANYTHING,ANYTHING,ANYTHING
            arena_alloc_pages MEM|NULL  ANYTHING,ANYTHING,ANYTHING,ANYTHING,ANYTHING
            arena_free_pages  VOID      ANYTHING,ANYTHING,ANYTHING
            arena_reserve_pages INTEGER ANYTHING,ANYTHING,ANYTHING
            cpumask_create    MEM|NULL  -
            cpumask_acquire   MEM       ANYTHING
            cpumask_release   VOID      ANYTHING
            cpumask_first     INTEGER   ANYTHING
            cpumask_first_zero INTEGER  ANYTHING
            cpumask_first_and INTEGER   ANYTHING,ANYTHING
            cpumask_set_cpu   VOID      ANYTHING,ANYTHING
            cpumask_clear_cpu VOID      ANYTHING,ANYTHING
            cpumask_test_cpu  INTEGER   ANYTHING,ANYTHING
            cpumask_test_and_set_cpu INTEGER ANYTHING,ANYTHING
            cpumask_test_and_clear_cpu INTEGER ANYTHING,ANYTHING
            cpumask_setall    VOID      ANYTHING
            cpumask_clear     VOID      ANYTHING
            cpumask_and       INTEGER   ANYTHING,ANYTHING,ANYTHING
            cpumask_or        VOID      ANYTHING,ANYTHING,ANYTHING
            cpumask_xor       VOID      ANYTHING,ANYTHING,ANYTHING
            cpumask_equal     INTEGER   ANYTHING,ANYTHING
            cpumask_intersects INTEGER  ANYTHING,ANYTHING
            cpumask_subset    INTEGER   ANYTHING,ANYTHING
            cpumask_empty     INTEGER   ANYTHING
            cpumask_full      INTEGER   ANYTHING
            cpumask_copy      VOID      ANYTHING,ANYTHING
            cpumask_any_distribute INTEGER ANYTHING
            cpumask_any_and_distribute INTEGER ANYTHING,ANYTHING
            cpumask_weight    INTEGER   ANYTHING
            cpumask_populate  INTEGER   ANYTHING,ANYTHING,ANYTHING
            local_irq_save    VOID      MEM=8|UNINIT|ALIGNED|WRITE
            local_irq_restore VOID      MEM=8|ALIGNED|WRITE
            rcu_read_lock     VOID      -
            rcu_read_unlock   VOID      -
            preempt_disable   VOID      -
            preempt_enable    VOID      -
            stream_vprintk_impl INTEGER ANYTHING,CONST_STR,MEM|NULL|RDONLY,CONST_SIZE_OR_ZERO,ANYTHING
            send_signal_task  INTEGER   ANYTHING,ANYTHING,ANYTHING,ANYTHING
            get_task_exe_file MEM|NULL  ANYTHING
            put_file          VOID      ANYTHING
            path_d_path       INTEGER   ANYTHING,MEM|UNINIT|WRITE,CONST_SIZE_OR_ZERO
            sock_destroy      INTEGER   BTF_ID_SOCK_COMMON
            throw             VOID      ANYTHING
            res_spin_lock     INTEGER   ANYTHING
            res_spin_unlock   VOID      ANYTHING
            res_spin_lock_irqsave INTEGER ANYTHING,MEM=8|UNINIT|ALIGNED|WRITE
            res_spin_unlock_irqrestore VOID ANYTHING,MEM=8|ALIGNED|WRITE
            rdonly_cast       MEM|NULL  ANYTHING,ANYTHING
            cast_to_kern_ctx  MEM|NULL  CTX
            crypto_ctx_create MEM|NULL  MEM|RDONLY,CONST_SIZE,MEM=4|UNINIT|ALIGNED|WRITE
            crypto_ctx_acquire MEM|NULL ANYTHING
            crypto_ctx_release VOID     ANYTHING
            crypto_encrypt    INTEGER   ANYTHING,DYNPTR,DYNPTR,DYNPTR|NULL
            crypto_decrypt    INTEGER   ANYTHING,DYNPTR,DYNPTR,DYNPTR|NULL
            xdp_ct_lookup     MEM|NULL  CTX,MEM|RDONLY,CONST_SIZE,MEM|WRITE,CONST_SIZE
            xdp_ct_alloc      MEM|NULL  CTX,MEM|RDONLY,CONST_SIZE,MEM|WRITE,CONST_SIZE
            skb_ct_lookup     MEM|NULL  CTX,MEM|RDONLY,CONST_SIZE,MEM|WRITE,CONST_SIZE
            skb_ct_alloc      MEM|NULL  CTX,MEM|RDONLY,CONST_SIZE,MEM|WRITE,CONST_SIZE
            ct_insert_entry   MEM|NULL  ANYTHING
            ct_release        VOID      ANYTHING
            ct_set_timeout    VOID      ANYTHING,ANYTHING
            ct_change_timeout INTEGER   ANYTHING,ANYTHING
            ct_set_status     INTEGER   ANYTHING,ANYTHING
            ct_change_status  INTEGER   ANYTHING,ANYTHING
            ct_set_nat_info   INTEGER   ANYTHING,MEM=16|RDONLY,ANYTHING,ANYTHING
            xdp_pull_data     INTEGER   CTX,ANYTHING
            xdp_metadata_rx_timestamp INTEGER CTX,ANYTHING
            xdp_metadata_rx_hash INTEGER CTX,ANYTHING,ANYTHING
            xdp_metadata_rx_vlan_tag INTEGER CTX,ANYTHING,ANYTHING
            task_acquire      MEM|NULL  ANYTHING
            task_release      VOID      ANYTHING
            task_from_pid     MEM|NULL  ANYTHING
            task_from_vpid    MEM|NULL  ANYTHING
            task_under_cgroup INTEGER   ANYTHING,ANYTHING
            task_get_cgroup1  MEM|NULL  ANYTHING,ANYTHING
            cgroup_acquire    MEM|NULL  ANYTHING
            cgroup_release    VOID      ANYTHING
            cgroup_ancestor   MEM|NULL  ANYTHING,ANYTHING
            cgroup_from_id    MEM|NULL  ANYTHING
            iter_task_new     INTEGER   MEM=24|UNINIT|ALIGNED|WRITE,ANYTHING,ANYTHING
            iter_task_next    MEM|NULL  MEM=24|ALIGNED|WRITE
            iter_task_destroy VOID      MEM=24|ALIGNED|WRITE
            iter_css_new      INTEGER   MEM=24|UNINIT|ALIGNED|WRITE,ANYTHING,ANYTHING
            iter_css_next     MEM|NULL  MEM=24|ALIGNED|WRITE
            iter_css_destroy  VOID      MEM=24|ALIGNED|WRITE
            iter_css_task_new INTEGER   MEM=8|UNINIT|ALIGNED|WRITE,ANYTHING,ANYTHING
            iter_css_task_next MEM|NULL MEM=8|ALIGNED|WRITE
            iter_css_task_destroy VOID  MEM=8|ALIGNED|WRITE
            iter_task_vma_new INTEGER   MEM=8|UNINIT|ALIGNED|WRITE,ANYTHING,ANYTHING
            iter_task_vma_next MEM|NULL MEM=8|ALIGNED|WRITE
            iter_task_vma_destroy VOID  MEM=8|ALIGNED|WRITE
            copy_from_user_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING
            copy_from_user_str_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING
            copy_from_user_task_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING,ANYTHING
            copy_from_user_task_str_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING,ANYTHING
            probe_read_user_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING
            probe_read_user_str_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING
            probe_read_kernel_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING
            probe_read_kernel_str_dynptr INTEGER DYNPTR,ANYTHING,ANYTHING,ANYTHING
            copy_from_user_str INTEGER  MEM|UNINIT|WRITE,CONST_SIZE_OR_ZERO,ANYTHING,ANYTHING
            copy_from_user_task_str INTEGER MEM|UNINIT|WRITE,CONST_SIZE_OR_ZERO,ANYTHING,ANYTHING,ANYTHING
            strchrnul         INTEGER   ANYTHING,ANYTHING
            strrchr           INTEGER   ANYTHING,ANYTHING
            strspn            INTEGER   ANYTHING,ANYTHING
            strcspn           INTEGER   ANYTHING,ANYTHING
            strstr            INTEGER   ANYTHING,ANYTHING
            strnstr           INTEGER   ANYTHING,ANYTHING,ANYTHING
            strcasecmp        INTEGER   ANYTHING,ANYTHING
            strlen            INTEGER   ANYTHING
            strnlen           INTEGER   ANYTHING,ANYTHING
            strcmp            INTEGER   ANYTHING,ANYTHING
            strchr            INTEGER   ANYTHING,ANYTHING
            strnchr           INTEGER   ANYTHING,ANYTHING,ANYTHING
            """;

    private static final Map<String, HelperRow> BY_NAME = build();

    private KfuncTable() {}

    /** All rows, sorted by name. */
    public static List<HelperRow> rows() {
        return BY_NAME.keySet().stream().sorted().map(BY_NAME::get).toList();
    }

    /** The row of a full name such as {@code bpf_iter_num_new}, or {@code null}. */
    public static HelperRow byName(String name) {
        return BY_NAME.get(name);
    }

    /**
     * Whether there is such a function; what follows {@code ___} in a name is a flavour and does
     * not count.
     */
    public static boolean isKnown(String name) {
        return find(name) != null;
    }

    private static HelperRow find(String name) {
        return BY_NAME.get(essential(name));
    }

    private static String essential(String name) {
        int flavour = name.indexOf("___");
        return flavour > 0 ? name.substring(0, flavour) : name;
    }

    /**
     * The row of a function that a program of this type may call.
     *
     * @throws BpfException UNSUPPORTED if there is no such function here
     */
    public static HelperRow require(String name, ProgramType type) {
        HelperRow row = find(name);
        if (row == null || !row.types().contains(type)) {
            throw BpfException.unsupported(Where.UNKNOWN, refusal(name));
        }
        return row;
    }

    /** What a program is told that calls a function without a row. */
    public static String refusal(String name) {
        String reason = KfuncReasons.of(essential(name));
        return "kernel function "
                + name
                + " is not implemented: "
                + (reason == null ? "Linux 6.18 has none of that name" : reason);
    }

    private static Map<String, HelperRow> build() {
        Map<String, HelperFunction> functions = new HashMap<>();
        IterKfuncs.addTo(functions);
        StringKfuncs.addTo(functions);
        ObjectKfuncs.addTo(functions);
        TimerHelpers.addKfuncsTo(functions);
        DynptrHelpers.addKfuncsTo(functions);
        ArenaKfuncs.addTo(functions);
        CpumaskKfuncs.addTo(functions);
        LockKfuncs.addTo(functions);
        ProbeKfuncs.addTo(functions);
        TaskKfuncs.addTo(functions);
        ContextKfuncs.addTo(functions);
        CryptoKfuncs.addTo(functions);
        PrintHelpers.addKfuncsTo(functions);
        KernelHelpers.addKfuncsTo(functions);
        SocketHelpers.addKfuncsTo(functions);
        ConntrackKfuncs.addTo(functions);
        XdpHelpers.addKfuncsTo(functions);
        Map<String, HelperRow> rows = new HashMap<>();
        for (String line : ROWS.lines().toList()) {
            String[] columns = line.strip().split(" +");
            List<HelperArg> args =
                    columns[2].equals("-")
                            ? List.of()
                            : Arrays.stream(columns[2].split(",")).map(HelperArg::parse).toList();
            HelperRow row =
                    new HelperRow(
                            NUMBER,
                            columns[0],
                            args,
                            HelperReturn.parse(columns[1]),
                            Set.of(),
                            EnumSet.allOf(ProgramType.class),
                            State.FUNCTION,
                            functions.remove(columns[0]));
            rows.put(row.fullName(), row);
        }
        if (!functions.isEmpty()) {
            throw new AssertionError("implementations without a row: " + functions.keySet());
        }
        return Map.copyOf(rows);
    }
}
