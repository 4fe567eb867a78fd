package org.trufflebpf.helper;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.SpecialFields;
import org.trufflebpf.map.ValueFields;
import org.trufflebpf.runtime.GraphList;
import org.trufflebpf.runtime.GraphTree;
import org.trufflebpf.runtime.ObjectStore;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/**
 * Objects that programs allocate, and the lists and trees that hold them. Nodes are named by the
 * address of the {@code bpf_list_node} or {@code bpf_rb_node} in the object; an object that is in a
 * list or tree already is not added again but given up, as in the kernel.
 */
final class ObjectKfuncs {
    /** Largest object (kernel: {@code BPF_GLOBAL_PERCPU_MA_MAX_SIZE} for per-CPU ones). */
    private static final long PERCPU_MAX = 512;

    private ObjectKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("obj_new_impl", (run, type, meta, r3, r4, r5) -> create(run, (int) type, 0));
        all.put(
                "percpu_obj_new_impl",
                (run, type, meta, r3, r4, r5) ->
                        create(run, (int) type, run.machine().environment().cpus()));
        HelperFunction drop =
                (run, object, meta, r3, r4, r5) -> {
                    run.machine().store().drop(object);
                    return 0;
                };
        all.put("obj_drop_impl", drop);
        all.put("percpu_obj_drop_impl", drop);
        all.put(
                "refcount_acquire_impl",
                (run, object, meta, r3, r4, r5) -> run.machine().store().acquire(object));
        addListsTo(all);
        addTreesTo(all);
    }

    private static void addListsTo(Map<String, HelperFunction> all) {
        all.put(
                "list_push_front_impl",
                (run, head, node, meta, off, r5) -> push(run, head, node, false));
        all.put(
                "list_push_back_impl",
                (run, head, node, meta, off, r5) -> push(run, head, node, true));
        all.put("list_pop_front", (run, head, r2, r3, r4, r5) -> list(run, head).pop(false));
        all.put("list_pop_back", (run, head, r2, r3, r4, r5) -> list(run, head).pop(true));
        all.put("list_front", (run, head, r2, r3, r4, r5) -> list(run, head).peek(false));
        all.put("list_back", (run, head, r2, r3, r4, r5) -> list(run, head).peek(true));
    }

    private static void addTreesTo(Map<String, HelperFunction> all) {
        all.put(
                "rbtree_add_impl",
                (run, root, node, less, meta, off) -> add(run, root, node, less));
        all.put(
                "rbtree_remove",
                (run, root, node, r3, r4, r5) -> tree(run, root).remove(node) ? node : 0);
        all.put("rbtree_first", (run, root, r2, r3, r4, r5) -> tree(run, root).first());
        all.put("rbtree_root", (run, root, r2, r3, r4, r5) -> tree(run, root).top());
        all.put("rbtree_left", (run, root, node, r3, r4, r5) -> tree(run, root).left(node));
        all.put("rbtree_right", (run, root, node, r3, r4, r5) -> tree(run, root).right(node));
    }

    private static long create(Run run, int typeId, int cpus) {
        Btf btf = run.instance().spec().btf();
        long size = btf == null ? -1 : btf.sizeOf(typeId);
        if (size < 0 || (cpus > 0 && size > PERCPU_MAX)) {
            throw BpfException.trap(
                    "BTF type " + typeId + " of the program cannot be allocated: size " + size);
        }
        return run.machine()
                .store()
                .create(
                        new ObjectStore.Type(
                                btf.name(typeId), size, SpecialFields.find(btf, typeId), cpus));
    }

    private static GraphList list(Run run, long head) {
        run.memory().check(head, ValueFields.Kind.BPF_LIST_HEAD.size(), true);
        return new GraphList(run.machine().memory(), head);
    }

    private static GraphTree tree(Run run, long root) {
        run.memory().check(root, ValueFields.Kind.BPF_RB_ROOT.size(), true);
        return new GraphTree(run.machine().memory(), root);
    }

    private static long push(Run run, long head, long node, boolean back) {
        run.memory().check(node, ValueFields.Kind.BPF_LIST_NODE.size(), true);
        return list(run, head).push(node, back) ? 0 : giveUp(run, node);
    }

    private static long add(Run run, long root, long node, long less) {
        run.memory().check(node, ValueFields.Kind.BPF_RB_NODE.size(), true);
        boolean added =
                tree(run, root)
                        .add(
                                node,
                                (one, other) -> (run.call(less, one, other, 0, 0, 0) & 0xff) != 0);
        return added ? 0 : giveUp(run, node);
    }

    private static long giveUp(Run run, long node) {
        run.machine().store().drop(node);
        return Errno.EINVAL.negative();
    }
}
