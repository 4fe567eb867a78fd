package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.ContextTable.Context;
import org.trufflebpf.verifier.ContextTable.Field;
import org.trufflebpf.verifier.MemoryCheck.Access;

/** Accesses to a program's context, field by field (kernel: {@code is_valid_access}). */
final class ContextCheck {
    private final Env env;

    ContextCheck(Env env) {
        this.env = env;
    }

    void access(Access access, int off) {
        Context context = ContextTable.of(env.type);
        if (context == null) {
            typedContext(access, off);
            return;
        }
        Field field = off < 0 ? null : context.at(off, access.size());
        boolean allowed =
                field != null
                        && (access.write()
                                ? context.writable().contains(field.name())
                                        && field.fitsWrite(off, access.size())
                                : field.fits(field.read(), off, access.size()))
                        && attachAllows(field, access)
                        && (!access.signed() || field.result() == RegType.SCALAR);
        if (!allowed) {
            String what =
                    field == null
                            ? ""
                            : access.write() && !context.writable().contains(field.name())
                                    ? ": " + field.name() + " is read only"
                                    : ": "
                                            + field.name()
                                            + " has "
                                            + field.bytes()
                                            + " bytes at "
                                            + field.offset();
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "invalid bpf_context access off=" + off + " size=" + access.size() + what);
        }
        if (!access.reads()) {
            return;
        }
        Reg value = env.reg(access.value());
        if (field.result() == RegType.SCALAR) {
            value.setUnknown();
            return;
        }
        value.setPointer(field.result(), field.nullable() ? Reg.NULL : 0);
        if (field.nullable()) {
            value.id = env.newId();
        }
    }

    /** Fields that only some attach types have. */
    private boolean attachAllows(Field field, Access access) {
        AttachType attach = AttachType.of(Math.max(0, env.spec.attachType()));
        String name = attach == null ? "" : attach.name();
        return switch (env.type) {
            case XDP -> !field.name().equals("egress_ifindex") || name.equals("XDP_DEVMAP");
            case CGROUP_SOCK -> {
                boolean post = name.contains("POST_BIND");
                yield switch (field.name()) {
                    case "bound_dev_if", "mark", "priority" -> !post;
                    case "src_ip4" -> name.equals("CGROUP_INET4_POST_BIND");
                    case "src_ip6" -> name.equals("CGROUP_INET6_POST_BIND");
                    case "src_port" -> post;
                    default -> true;
                };
            }
            case CGROUP_SOCK_ADDR ->
                    switch (field.name()) {
                        case "user_ip4" -> name.contains("INET4") || name.contains("UDP4");
                        case "user_ip6" -> name.contains("INET6") || name.contains("UDP6");
                        case "msg_src_ip4" -> name.equals("CGROUP_UDP4_SENDMSG");
                        case "msg_src_ip6" -> name.equals("CGROUP_UDP6_SENDMSG");
                        default -> true;
                    };
            case CGROUP_SOCKOPT -> {
                boolean get = name.equals("CGROUP_GETSOCKOPT");
                yield switch (field.name()) {
                    case "retval" -> get;
                    case "level", "optname" -> !access.write() || !get;
                    default -> true;
                };
            }
            default -> true;
        };
    }

    /** Contexts whose fields are the arguments of a kernel function. */
    private void typedContext(Access access, int off) {
        if (env.type == ProgramType.NETFILTER) {
            if (access.write() || access.size() != 8 || (off != 0 && off != 8)) {
                throw Env.refuse(
                        RefusalKind.CONTEXT_ACCESS,
                        "invalid bpf_context access off=" + off + " size=" + access.size());
            }
            Btf btf = env.requireTarget("the context of a netfilter program");
            pointer(access, btf, off == 0 ? "nf_hook_state" : "sk_buff");
            return;
        }
        new TracingContext(env).access(access, off);
    }

    private void pointer(Access access, Btf btf, String struct) {
        int id = btf.find(struct, org.trufflebpf.btf.BtfKind.STRUCT);
        Reg value = env.reg(access.value());
        value.setPointer(RegType.BTF, Reg.TRUSTED);
        value.btf = btf;
        value.btfId = id;
    }
}
