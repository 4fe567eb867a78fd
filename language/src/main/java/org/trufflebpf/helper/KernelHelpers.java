package org.trufflebpf.helper;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.context.MachineRegisters;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.world.Task;
import org.trufflebpf.world.World;
import org.trufflebpf.world.WorldSpec.NamespaceSpec;
import org.trufflebpf.world.WorldSpec.VmaSpec;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Helpers that act on tasks and on the kernel as a whole: signals, memory of the user, mappings,
 * paths, symbols, types. What they do to others is noted in {@link Run#effects()}.
 */
final class KernelHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final long MISSING = Errno.ENOENT.negative();
    private static final long NOT_PERMITTED = Errno.EPERM.negative();

    /** {@code _NSIG}. */
    private static final int SIGNALS = 64;

    /** {@code retval} in {@code struct bpf_sockopt}. */
    private static final int SOCKOPT_RETVAL = 36;

    private static final int KIND_LIMIT = 20;

    // enum pid_type
    private static final int PIDTYPE_PID = 0;
    private static final int PIDTYPE_TGID = 1;

    private KernelHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "send_signal",
                (run, signal, r2, r3, r4, r5) -> signal(run, current(run), (int) signal, true));
        all.put(
                "send_signal_thread",
                (run, signal, r2, r3, r4, r5) -> signal(run, current(run), (int) signal, false));
        all.put(
                "override_return",
                (run, registers, result, r3, r4, r5) -> {
                    int register = run.instance().architecture().result();
                    MachineRegisters.put(run, registers, register, result);
                    run.note("the probed function returns " + result + " at once");
                    return 0;
                });
        all.put(
                "probe_write_user",
                (run, to, from, size, r4, r5) -> writeUser(run, to, from, size));
        all.put(
                "copy_from_user_task",
                (run, to, size, from, task, flags) -> {
                    if (flags != 0) {
                        return INVALID;
                    }
                    return ProbeHelpers.readUser(run, to, size, from);
                });
        all.put("get_ns_current_pid_tgid", KernelHelpers::namespacePid);
        all.put("find_vma", KernelHelpers::findVma);
        all.put(
                "task_pt_regs",
                (run, task, r2, r3, r4, r5) -> {
                    World world = run.machine().world();
                    return world.registers(requireTask(run, task));
                });
        all.put("d_path", (run, path, buffer, size, r4, r5) -> path(run, path, buffer, (int) size));
        all.put(
                "bprm_opts_set",
                (run, bprm, flags, r3, r4, r5) -> {
                    if ((flags & ~1) != 0) {
                        return INVALID;
                    }
                    run.machine().world().put(bprm, "linux_binprm", "secureexec", flags);
                    run.note("secureexec of the program to execute is " + flags);
                    return 0;
                });
        all.put(
                "kallsyms_lookup_name",
                (run, name, size, flags, result, r5) -> symbol(run, name, size, flags, result));
        all.put(
                "btf_find_by_name_kind",
                (run, name, size, kind, flags, r5) -> findType(run, name, size, (int) kind, flags));
        all.put("get_retval", (run, r1, r2, r3, r4, r5) -> run.memory().getInt(retval(run)));
        all.put(
                "set_retval",
                (run, value, r2, r3, r4, r5) -> {
                    run.memory().putInt(retval(run), (int) value);
                    run.note("the operation returns " + (int) value);
                    return 0;
                });
        all.put(
                "tcp_send_ack",
                (run, socket, next, r3, r4, r5) -> {
                    run.note("ACK of " + (next & 0xffff_ffffL) + " sent");
                    return 0;
                });
        all.put(
                "rc_repeat",
                (run, context, r2, r3, r4, r5) -> {
                    run.note("key repeated");
                    return 0;
                });
        all.put(
                "rc_keydown",
                (run, context, protocol, scancode, toggle, r5) -> {
                    run.note(
                            "key down: protocol %d, scancode 0x%x, toggle %d"
                                    .formatted((int) protocol, scancode, (int) toggle));
                    return 0;
                });
        all.put(
                "rc_pointer_rel",
                (run, context, x, y, r4, r5) -> {
                    run.note("pointer moved by " + (int) x + ", " + (int) y);
                    return 0;
                });
    }

    static void addKfuncsTo(Map<String, HelperFunction> all) {
        all.put(
                "send_signal_task",
                (run, task, signal, type, value, r5) ->
                        type == PIDTYPE_PID || type == PIDTYPE_TGID
                                ? signal(
                                        run,
                                        requireTask(run, task),
                                        (int) signal,
                                        type == PIDTYPE_TGID)
                                : INVALID);
        all.put(
                "get_task_exe_file",
                (run, task, r2, r3, r4, r5) ->
                        run.machine().world().executable(requireTask(run, task)));
        all.put("put_file", (run, file, r2, r3, r4, r5) -> 0);
        all.put(
                "path_d_path",
                (run, path, buffer, size, r4, r5) ->
                        size == 0 ? INVALID : path(run, path, buffer, (int) size));
    }

    private static Task current(Run run) {
        return run.machine().world().current();
    }

    private static long signal(Run run, Task task, int signal, boolean process) {
        if (task.tgid() == 1) {
            return NOT_PERMITTED;
        }
        if (Integer.compareUnsigned(signal, SIGNALS) > 0) {
            return INVALID;
        }
        if (signal != 0) {
            String to = process ? "process" : "thread";
            run.note("signal " + signal + " to the " + to + " of " + task);
        }
        return 0;
    }

    private static long writeUser(Run run, long to, long from, long size) {
        Memory memory = run.memory();
        Region region = memory.find(to);
        if (region == null
                || region.kind() != Region.Kind.MEMORY
                || !region.allows(to, size, true)) {
            return Errno.EFAULT.negative();
        }
        memory.copy(from, to, size);
        return 0;
    }

    private static long namespacePid(
            Run run, long device, long inode, long result, long size, long r5) {
        Memory memory = run.memory();
        memory.fill(result, size, (byte) 0);
        World world = run.machine().world();
        NamespaceSpec namespace = world.spec().pidNamespace();
        if (size != 8 || device != namespace.device() || inode != namespace.inode()) {
            return INVALID;
        }
        Task task = world.current();
        Task leader = world.task(task.tgid());
        memory.putInt(result, task.spec().namespacePid());
        memory.putInt(result + 4, leader == null ? task.tgid() : leader.spec().namespacePid());
        return 0;
    }

    static Task requireTask(Run run, long address) {
        Task task = run.machine().world().taskAt(address);
        if (task == null) {
            throw BpfException.trap("0x" + Long.toHexString(address) + " is no task");
        }
        return task;
    }

    private static long findVma(
            Run run, long address, long at, long function, long context, long flags) {
        if (flags != 0) {
            return INVALID;
        }
        Task task = requireTask(run, address);
        for (VmaSpec vma : task.spec().vmas()) {
            if (Long.compareUnsigned(at, vma.start()) >= 0
                    && Long.compareUnsigned(at, vma.end()) < 0) {
                run.call(function, address, run.machine().world().address(vma), context, 0, 0);
                return 0;
            }
        }
        return MISSING;
    }

    private static long path(Run run, long path, long buffer, int size) {
        if (size == 0) {
            return 0;
        }
        String text = run.machine().world().path(path);
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.UTF_8);
        if (bytes.length > size) {
            return Errno.ENAMETOOLONG.negative();
        }
        run.memory().write(buffer, bytes);
        return bytes.length;
    }

    /** The text of a name argument, or {@code null} if it is not one that the kernel takes. */
    private static String name(Run run, long name, long size) {
        if (size <= 1 || run.memory().getByte(name + size - 1) != 0) {
            return null;
        }
        String text = new String(run.memory().read(name, (int) size), StandardCharsets.UTF_8);
        return text.substring(0, text.indexOf('\0'));
    }

    private static long symbol(Run run, long name, long size, long flags, long result) {
        run.memory().putLong(result, 0);
        String text = name(run, name, size);
        if (flags != 0 || text == null) {
            return INVALID;
        }
        long address = run.machine().world().symbol(text);
        run.memory().putLong(result, address);
        return address == 0 ? MISSING : 0;
    }

    private static long findType(Run run, long name, long size, int kind, long flags) {
        String text = name(run, name, size);
        if (flags != 0 || text == null) {
            return INVALID;
        }
        Btf btf = run.machine().world().btf();
        if (btf == null) {
            throw BpfException.trap(
                    "there is no BTF of a kernel to look '"
                            + text
                            + "' up in; give one with --btf");
        }
        int id = kind <= 0 || kind >= KIND_LIMIT ? 0 : btf.find(text, BtfKind.of(kind));
        return id == 0 ? MISSING : id;
    }

    /**
     * Where the return value of the operation stands: in the context of sockopt, else in the run.
     */
    private static long retval(Run run) {
        return run.program().type() == ProgramType.CGROUP_SOCKOPT
                ? run.context().start() + SOCKOPT_RETVAL
                : run.retvalAddress();
    }
}
