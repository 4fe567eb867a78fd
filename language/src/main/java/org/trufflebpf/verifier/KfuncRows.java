package org.trufflebpf.verifier;

import org.trufflebpf.uapi.ProgramType;

import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernel functions that the verifier knows, as Linux 6.18 declares them: the prototypes with
 * their suffixes, then the {@code KF_} flags. The functions behind a line {@code types:} may be
 * called by programs of these types, {@code *} is every type.
 */
final class KfuncRows {
    private static final String ROWS =
            """
            types: *
            void __bpf_trap(void)
            void *bpf_arena_alloc_pages(void *p__map, void *addr__ign, u32 page_cnt, int node_id, u64 flags) TRUSTED_ARGS SLEEPABLE
            void bpf_arena_free_pages(void *p__map, void *ptr__ign, u32 page_cnt) TRUSTED_ARGS SLEEPABLE
            int bpf_arena_reserve_pages(void *p__map, void *ptr__ign, u32 page_cnt) TRUSTED_ARGS SLEEPABLE
            void *bpf_cast_to_kern_ctx(void *obj)
            int bpf_cgroup_read_xattr(struct cgroup *cgroup, const char *name__str, struct bpf_dynptr *value_p) RCU
            int bpf_copy_from_user_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign) SLEEPABLE
            int bpf_copy_from_user_str(void *dst, u32 dst__sz, const void *unsafe_ptr__ign, u64 flags) SLEEPABLE
            int bpf_copy_from_user_str_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign) SLEEPABLE
            int bpf_copy_from_user_task_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign, struct task_struct *tsk) TRUSTED_ARGS SLEEPABLE
            int bpf_copy_from_user_task_str(void *dst, u32 dst__sz, const void *unsafe_ptr__ign, struct task_struct *tsk, u64 flags) SLEEPABLE
            int bpf_copy_from_user_task_str_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign, struct task_struct *tsk) TRUSTED_ARGS SLEEPABLE
            int bpf_dynptr_adjust(const struct bpf_dynptr *p, u32 start, u32 end)
            int bpf_dynptr_clone(const struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit)
            int bpf_dynptr_copy(struct bpf_dynptr *dst_ptr, u32 dst_off, struct bpf_dynptr *src_ptr, u32 src_off, u32 size)
            bool bpf_dynptr_is_null(const struct bpf_dynptr *p)
            bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *p)
            int bpf_dynptr_memset(struct bpf_dynptr *p, u32 offset, u32 size, u8 val)
            u32 bpf_dynptr_size(const struct bpf_dynptr *p)
            void *bpf_dynptr_slice(const struct bpf_dynptr *p, u32 offset, void *buffer__opt, u32 buffer__szk) RET_NULL
            void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, u32 offset, void *buffer__opt, u32 buffer__szk) RET_NULL
            struct kmem_cache *bpf_get_kmem_cache(u64 addr)
            void bpf_iter_bits_destroy(struct bpf_iter_bits *it)
            int bpf_iter_bits_new(struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign, u32 nr_words)
            int *bpf_iter_bits_next(struct bpf_iter_bits *it) RET_NULL
            void bpf_iter_css_destroy(struct bpf_iter_css *it)
            int bpf_iter_css_new(struct bpf_iter_css *it, struct cgroup_subsys_state *start, unsigned int flags) TRUSTED_ARGS RCU_PROTECTED
            struct cgroup_subsys_state *bpf_iter_css_next(struct bpf_iter_css *it) RET_NULL
            void bpf_iter_css_task_destroy(struct bpf_iter_css_task *it)
            int bpf_iter_css_task_new(struct bpf_iter_css_task *it, struct cgroup_subsys_state *css, unsigned int flags) TRUSTED_ARGS
            struct task_struct *bpf_iter_css_task_next(struct bpf_iter_css_task *it) RET_NULL
            void bpf_iter_dmabuf_destroy(struct bpf_iter_dmabuf *it) SLEEPABLE
            int bpf_iter_dmabuf_new(struct bpf_iter_dmabuf *it) SLEEPABLE
            struct dma_buf *bpf_iter_dmabuf_next(struct bpf_iter_dmabuf *it) RET_NULL SLEEPABLE
            void bpf_iter_kmem_cache_destroy(struct bpf_iter_kmem_cache *it) SLEEPABLE
            int bpf_iter_kmem_cache_new(struct bpf_iter_kmem_cache *it) SLEEPABLE
            struct kmem_cache *bpf_iter_kmem_cache_next(struct bpf_iter_kmem_cache *it) RET_NULL SLEEPABLE
            void bpf_iter_num_destroy(struct bpf_iter_num *it)
            int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end)
            int *bpf_iter_num_next(struct bpf_iter_num *it) RET_NULL
            void bpf_iter_task_destroy(struct bpf_iter_task *it)
            int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task__nullable, unsigned int flags) TRUSTED_ARGS RCU_PROTECTED
            struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) RET_NULL
            void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it)
            int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task, u64 addr) RCU
            struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it) RET_NULL
            void bpf_local_irq_restore(unsigned long *flags__irq_flag)
            void bpf_local_irq_save(unsigned long *flags__irq_flag)
            s64 bpf_map_sum_elem_count(const struct bpf_map *map) TRUSTED_ARGS
            void bpf_preempt_disable(void)
            void bpf_preempt_enable(void)
            int bpf_probe_read_kernel_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign)
            int bpf_probe_read_kernel_str_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign)
            int bpf_probe_read_user_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign)
            int bpf_probe_read_user_str_dynptr(struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign)
            void bpf_rcu_read_lock(void)
            void bpf_rcu_read_unlock(void)
            void *bpf_rdonly_cast(const void *obj__ign, u32 btf_id__k)
            int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) RET_NULL
            int bpf_res_spin_lock_irqsave(struct bpf_res_spin_lock *lock, unsigned long *flags__irq_flag) RET_NULL
            void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock)
            void bpf_res_spin_unlock_irqrestore(struct bpf_res_spin_lock *lock, unsigned long *flags__irq_flag)
            int bpf_strcasecmp(const char *s1__ign, const char *s2__ign)
            int bpf_strchr(const char *s__ign, char c)
            int bpf_strchrnul(const char *s__ign, char c)
            int bpf_strcmp(const char *s1__ign, const char *s2__ign)
            int bpf_strcspn(const char *s__ign, const char *reject__ign)
            int bpf_stream_vprintk_impl(int stream_id, const char *fmt__str, const void *args, u32 len__sz, void *aux__prog) TRUSTED_ARGS
            int bpf_strlen(const char *s__ign)
            int bpf_strnchr(const char *s__ign, size_t count, char c)
            int bpf_strnlen(const char *s__ign, size_t count)
            int bpf_strnstr(const char *s1__ign, const char *s2__ign, size_t len)
            int bpf_strrchr(const char *s__ign, int c)
            int bpf_strspn(const char *s__ign, const char *accept__ign)
            int bpf_strstr(const char *s1__ign, const char *s2__ign)
            int bpf_task_work_schedule_resume_impl(struct task_struct *task, struct bpf_task_work *tw, void *map__map, bpf_task_work_callback_t callback, void *aux__prog) TRUSTED_ARGS
            int bpf_task_work_schedule_signal_impl(struct task_struct *task, struct bpf_task_work *tw, void *map__map, bpf_task_work_callback_t callback, void *aux__prog) TRUSTED_ARGS
            int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags)
            int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*callback_fn), unsigned int flags, void *aux__prog)
            int bpf_wq_start(struct bpf_wq *wq, unsigned int flags)
            int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, u32 *hash, enum xdp_rss_hash_type *rss_type) TRUSTED_ARGS DEVICE
            int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, u64 *timestamp) TRUSTED_ARGS DEVICE
            int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *vlan_proto, u16 *vlan_tci) TRUSTED_ARGS DEVICE
            types: socket_filter sched_cls sched_act tracepoint perf_event cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit sock_ops sk_skb cgroup_device cgroup_sock_addr lwt_seg6local cgroup_sysctl cgroup_sockopt tracing lsm netfilter
            int bpf_dynptr_from_skb(struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit) TRUSTED_ARGS
            types: sched_cls tracepoint xdp perf_event cgroup_skb cgroup_sock sock_ops cgroup_device cgroup_sock_addr cgroup_sysctl cgroup_sockopt tracing struct_ops lsm syscall
            struct cgroup *bpf_cgroup_acquire(struct cgroup *cgrp) ACQUIRE RCU RET_NULL
            struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level) ACQUIRE RCU RET_NULL
            struct cgroup *bpf_cgroup_from_id(u64 cgid) ACQUIRE RET_NULL
            void bpf_cgroup_release(struct cgroup *cgrp) RELEASE
            void bpf_key_put(struct bpf_key *bkey) RELEASE
            struct bpf_list_node *bpf_list_back(struct bpf_list_head *head) RET_NULL
            struct bpf_list_node *bpf_list_front(struct bpf_list_head *head) RET_NULL
            struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head) ACQUIRE RET_NULL
            struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) ACQUIRE RET_NULL
            int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta__ign, u64 off)
            int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta__ign, u64 off)
            struct bpf_key *bpf_lookup_system_key(u64 id) ACQUIRE RET_NULL
            struct bpf_key *bpf_lookup_user_key(s32 serial, u64 flags) ACQUIRE RET_NULL SLEEPABLE
            void bpf_obj_drop_impl(void *p__alloc, void *meta__ign) RELEASE
            void *bpf_obj_new_impl(u64 local_type_id__k, void *meta__ign) ACQUIRE RET_NULL
            void bpf_percpu_obj_drop_impl(void *p__alloc, void *meta__ign) RELEASE
            void *bpf_percpu_obj_new_impl(u64 local_type_id__k, void *meta__ign) ACQUIRE RET_NULL
            int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, bool (*less), void *meta__ign, u64 off)
            struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) RET_NULL
            struct bpf_rb_node *bpf_rbtree_left(struct bpf_rb_root *root, struct bpf_rb_node *node) RET_NULL
            struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) ACQUIRE RET_NULL
            struct bpf_rb_node *bpf_rbtree_right(struct bpf_rb_root *root, struct bpf_rb_node *node) RET_NULL
            struct bpf_rb_node *bpf_rbtree_root(struct bpf_rb_root *root) RET_NULL
            void *bpf_refcount_acquire_impl(void *p__refcounted_kptr, void *meta__ign) ACQUIRE RCU RET_NULL
            int bpf_send_signal_task(struct task_struct *task, int sig, enum pid_type type, u64 value) TRUSTED_ARGS
            struct task_struct *bpf_task_acquire(struct task_struct *p) ACQUIRE RCU RET_NULL
            struct task_struct *bpf_task_from_pid(s32 pid) ACQUIRE RET_NULL
            struct task_struct *bpf_task_from_vpid(s32 vpid) ACQUIRE RET_NULL
            struct cgroup *bpf_task_get_cgroup1(struct task_struct *task, int hierarchy_id) ACQUIRE RCU RET_NULL
            void bpf_task_release(struct task_struct *p) RELEASE
            long bpf_task_under_cgroup(struct task_struct *task, struct cgroup *ancestor) RCU
            void bpf_throw(u64 cookie)
            types: cgroup_skb cgroup_sock sock_ops cgroup_device cgroup_sock_addr cgroup_sysctl cgroup_sockopt
            int bpf_sock_addr_set_sun_path(struct bpf_sock_addr_kern *sa_kern, const u8 *sun_path, u32 sun_path__sz)
            int bpf_sock_ops_enable_tx_tstamp(struct bpf_sock_ops_kern *skops, u64 flags) TRUSTED_ARGS
            types: tracing
            int bpf_sock_destroy(struct sock_common *sock) TRUSTED_ARGS
            types: tracepoint perf_event tracing struct_ops lsm syscall
            struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *cpumask) ACQUIRE TRUSTED_ARGS
            bool bpf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2) RCU
            u32 bpf_cpumask_any_and_distribute(const struct cpumask *src1, const struct cpumask *src2) RCU
            u32 bpf_cpumask_any_distribute(const struct cpumask *cpumask) RCU
            void bpf_cpumask_clear(struct bpf_cpumask *cpumask) RCU
            void bpf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask) RCU
            void bpf_cpumask_copy(struct bpf_cpumask *dst, const struct cpumask *src) RCU
            struct bpf_cpumask *bpf_cpumask_create(void) ACQUIRE RET_NULL
            bool bpf_cpumask_empty(const struct cpumask *cpumask) RCU
            bool bpf_cpumask_equal(const struct cpumask *src1, const struct cpumask *src2) RCU
            u32 bpf_cpumask_first(const struct cpumask *cpumask) RCU
            u32 bpf_cpumask_first_and(const struct cpumask *src1, const struct cpumask *src2) RCU
            u32 bpf_cpumask_first_zero(const struct cpumask *cpumask) RCU
            bool bpf_cpumask_full(const struct cpumask *cpumask) RCU
            bool bpf_cpumask_intersects(const struct cpumask *src1, const struct cpumask *src2) RCU
            void bpf_cpumask_or(struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2) RCU
            int bpf_cpumask_populate(struct cpumask *cpumask, void *src, size_t src__sz) RCU
            void bpf_cpumask_release(struct bpf_cpumask *cpumask) RELEASE
            void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *cpumask) RCU
            void bpf_cpumask_setall(struct bpf_cpumask *cpumask) RCU
            bool bpf_cpumask_subset(const struct cpumask *src1, const struct cpumask *src2) RCU
            bool bpf_cpumask_test_and_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask) RCU
            bool bpf_cpumask_test_and_set_cpu(u32 cpu, struct bpf_cpumask *cpumask) RCU
            bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask) RCU
            u32 bpf_cpumask_weight(const struct cpumask *cpumask) RCU
            void bpf_cpumask_xor(struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2) RCU
            types: sched_cls sched_act xdp
            int bpf_crypto_decrypt(struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src, const struct bpf_dynptr *dst, const struct bpf_dynptr *siv__nullable) RCU
            int bpf_crypto_encrypt(struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src, const struct bpf_dynptr *dst, const struct bpf_dynptr *siv__nullable) RCU
            types: sched_cls sched_act
            int bpf_dynptr_from_skb_meta(struct __sk_buff *skb_, u64 flags, struct bpf_dynptr *ptr__uninit) TRUSTED_ARGS
            types: sched_cls xdp
            int bpf_ct_change_status(struct nf_conn *nfct, u32 status) TRUSTED_ARGS
            int bpf_ct_change_timeout(struct nf_conn *nfct, u32 timeout) TRUSTED_ARGS
            struct nf_conn *bpf_ct_insert_entry(struct nf_conn___init *nfct_i) ACQUIRE RET_NULL RELEASE
            void bpf_ct_release(struct nf_conn *nfct) RELEASE
            int bpf_ct_set_nat_info(struct nf_conn___init *nfct, union nf_inet_addr *addr, int port, enum nf_nat_manip_type manip) TRUSTED_ARGS
            int bpf_ct_set_status(const struct nf_conn___init *nfct, u32 status) TRUSTED_ARGS
            void bpf_ct_set_timeout(struct nf_conn___init *nfct, u32 timeout) TRUSTED_ARGS
            struct nf_conn___init *bpf_skb_ct_alloc(struct __sk_buff *skb_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz) ACQUIRE RET_NULL
            struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz) ACQUIRE RET_NULL
            struct nf_conn___init *bpf_xdp_ct_alloc(struct xdp_md *xdp_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz) ACQUIRE RET_NULL
            struct nf_conn *bpf_xdp_ct_lookup(struct xdp_md *xdp_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz) ACQUIRE RET_NULL
            types: struct_ops
            void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked)
            void tcp_reno_cong_avoid(struct sock *sk, u32 ack, u32 acked)
            u32 tcp_reno_ssthresh(struct sock *sk)
            u32 tcp_reno_undo_cwnd(struct sock *sk)
            u32 tcp_slow_start(struct tcp_sock *tp, u32 acked)
            types: sched_cls
            int bpf_sk_assign_tcp_reqsk(struct __sk_buff *s, struct sock *sk, struct bpf_tcp_req_attrs *attrs, int attrs__sz) TRUSTED_ARGS
            types: syscall
            struct bpf_crypto_ctx *bpf_crypto_ctx_acquire(struct bpf_crypto_ctx *ctx) ACQUIRE RCU RET_NULL
            struct bpf_crypto_ctx *bpf_crypto_ctx_create(const struct bpf_crypto_params *params, u32 params__sz, int *err) ACQUIRE RET_NULL SLEEPABLE
            void bpf_crypto_ctx_release(struct bpf_crypto_ctx *ctx) RELEASE
            types: xdp
            int bpf_dynptr_from_xdp(struct xdp_md *x, u64 flags, struct bpf_dynptr *ptr__uninit)
            struct xfrm_state *bpf_xdp_get_xfrm_state(struct xdp_md *ctx, struct bpf_xfrm_state_opts *opts, u32 opts__sz) ACQUIRE RET_NULL
            int bpf_xdp_pull_data(struct xdp_md *x, u32 len)
            void bpf_xdp_xfrm_state_release(struct xfrm_state *x) RELEASE
            types: lsm
            int bpf_get_dentry_xattr(struct dentry *dentry, const char *name__str, struct bpf_dynptr *value_p) TRUSTED_ARGS SLEEPABLE
            int bpf_get_file_xattr(struct file *file, const char *name__str, struct bpf_dynptr *value_p) TRUSTED_ARGS SLEEPABLE
            struct file *bpf_get_task_exe_file(struct task_struct *task) ACQUIRE TRUSTED_ARGS RET_NULL
            int bpf_path_d_path(const struct path *path, char *buf, size_t buf__sz) TRUSTED_ARGS
            void bpf_put_file(struct file *file) RELEASE
            int bpf_remove_dentry_xattr(struct dentry *dentry, const char *name__str) TRUSTED_ARGS SLEEPABLE
            int bpf_set_dentry_xattr(struct dentry *dentry, const char *name__str, const struct bpf_dynptr *value_p, int flags) TRUSTED_ARGS SLEEPABLE
            """;

    /** A row as text, and the types of its section: most programs ask for few rows, or none. */
    private record Line(String text, Set<ProgramType> types) {}

    private static final Map<String, Line> LINES = lines();
    private static final Map<String, Kfunc> PARSED = new ConcurrentHashMap<>();

    private KfuncRows() {}

    /** The function, or {@code null}; what follows {@code ___} in a name does not count. */
    static Kfunc find(String name) {
        int flavour = name.indexOf("___");
        return flavour > 0 && !LINES.containsKey(name)
                ? exact(name.substring(0, flavour))
                : exact(name);
    }

    private static Kfunc exact(String name) {
        Line line = LINES.get(name);
        return line == null
                ? null
                : PARSED.computeIfAbsent(name, key -> Kfunc.parse(line.text, line.types));
    }

    static Collection<Kfunc> all() {
        return LINES.keySet().stream().map(KfuncRows::exact).toList();
    }

    private static Map<String, Line> lines() {
        Map<String, Line> rows = new HashMap<>();
        Set<ProgramType> types = Set.of();
        for (String line : ROWS.lines().toList()) {
            if (line.startsWith("types:")) {
                types = types(line.substring(6).strip());
            } else {
                int open = line.indexOf('(');
                int before = Math.max(line.lastIndexOf(' ', open), line.lastIndexOf('*', open));
                rows.put(line.substring(before + 1, open), new Line(line, types));
            }
        }
        return Map.copyOf(rows);
    }

    private static Set<ProgramType> types(String labels) {
        if (labels.equals("*")) {
            return EnumSet.allOf(ProgramType.class);
        }
        EnumSet<ProgramType> types = EnumSet.noneOf(ProgramType.class);
        for (String label : labels.split(" ")) {
            types.add(ProgramType.byLabel(label));
        }
        return types;
    }
}
