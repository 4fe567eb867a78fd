package org.trufflebpf.verifier;

import org.trufflebpf.helper.HelperTable;

import java.util.Set;

/**
 * What the kernel says of single hooks of security modules (its {@code kernel/bpf/bpf_lsm.c}):
 * which take no program, in which one may sleep, and which are given objects that are being made or
 * freed.
 */
final class LsmHooks {
    static final Set<String> DISABLED =
            Set.of(
                    "vm_enough_memory",
                    "inode_need_killpriv",
                    "inode_getsecurity",
                    "inode_listsecurity",
                    "inode_copy_up_xattr",
                    "getselfattr",
                    "getprocattr",
                    "setprocattr",
                    "key_getsecurity",
                    "audit_rule_match",
                    "xfrm_decode_session",
                    "ismaclabel",
                    "file_alloc_security");

    static final Set<String> SLEEPABLE =
            Set.of(
                    """
                    bpf bpf_map bpf_map_create bpf_map_free bpf_prog bpf_prog_load bpf_token_create
                    bpf_token_free bpf_token_cmd bpf_token_capable bprm_check_security
                    bprm_committed_creds bprm_committing_creds bprm_creds_for_exec
                    bprm_creds_from_file capget capset cred_prepare file_ioctl file_lock file_open
                    file_post_open file_receive inode_create inode_free_security inode_getattr
                    inode_getxattr inode_mknod inode_post_setxattr inode_post_removexattr
                    inode_readlink inode_removexattr inode_rename inode_rmdir inode_setattr
                    inode_setxattr inode_symlink inode_unlink kernel_module_request
                    kernel_read_file kernfs_init_security path_unlink path_mkdir path_rmdir
                    path_truncate path_symlink path_link path_rename path_chmod path_chown
                    mmap_file netlink_send path_notify release_secctx sb_alloc_security
                    sb_eat_lsm_opts sb_kern_mount sb_mount sb_remount sb_set_mnt_opts
                    sb_show_options sb_statfs sb_umount settime socket_accept socket_bind
                    socket_connect socket_create socket_getpeername socket_getpeersec_dgram
                    socket_getsockname socket_getsockopt socket_listen socket_post_create
                    socket_recvmsg socket_sendmsg socket_shutdown socket_socketpair syslog
                    task_alloc task_prctl task_setscheduler userns_create
                    """
                            .strip()
                            .split("\\s+"));

    private static final Set<String> UNTRUSTED =
            Set.of(
                    "bpf_map_free",
                    "bpf_prog_free",
                    "file_alloc_security",
                    "file_free_security",
                    "sk_alloc_security",
                    "sk_free_security",
                    "task_free");

    private LsmHooks() {}

    /** Whether a program may be attached to a hook (kernel: {@code bpf_lsm_verify_prog}). */
    static void check(Env env) {
        String hook = env.spec.attachTarget();
        if (!HelperTable.isGplCompatible(env.object.license())) {
            throw new Refusal(
                    RefusalKind.HELPER, "LSM programs must have a GPL compatible license");
        }
        if (DISABLED.contains(hook)) {
            throw new Refusal(
                    RefusalKind.CONTEXT_ACCESS,
                    "attach_btf_id points to disabled hook bpf_lsm_" + hook);
        }
        if (env.spec.sleepable() && !SLEEPABLE.contains(hook)) {
            throw new Refusal(RefusalKind.SLEEPABLE, "bpf_lsm_" + hook + " is not sleepable");
        }
    }

    /** Whether the arguments of a hook are whole objects. */
    static boolean isTrusted(String hook) {
        return !UNTRUSTED.contains(hook);
    }
}
