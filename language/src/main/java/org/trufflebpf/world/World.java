package org.trufflebpf.world;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.world.JsonValue.JsonScalar;
import org.trufflebpf.world.WorldSpec.CgroupSpec;
import org.trufflebpf.world.WorldSpec.ImageSpec;
import org.trufflebpf.world.WorldSpec.SocketSpec;
import org.trufflebpf.world.WorldSpec.SymbolSpec;
import org.trufflebpf.world.WorldSpec.TaskSpec;
import org.trufflebpf.world.WorldSpec.VmaSpec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The live simulated environment of one context. Objects get their place in guest memory when their
 * address is first asked for: with a BTF the kernel's structures by its layout, without one an
 * address behind which nothing can be read. Thread-safe.
 */
public final class World {
    /** Numbers of cgroups that the description does not give: as a fresh kernel gives them out. */
    private static final long ROOT_ID = 1;

    /** {@code sizeof(struct pt_regs)} on x86-64, for when no BTF tells. */
    private static final int PT_REGS = 168;

    private final WorldSpec spec;
    private final Memory arena;
    private final Handles handles;
    private final Supplier<Btf> btf;
    private final Network network;
    private final Conntrack conntrack;
    private final Map<String, Cgroup> cgroups = new LinkedHashMap<>();
    private final Map<Integer, Task> tasks = new LinkedHashMap<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final Map<Long, KernelObject> objects = new ConcurrentHashMap<>();
    private final Map<KernelObject, Long> addresses = new ConcurrentHashMap<>();
    private final Map<Socket, SocketImage> socketImages = new ConcurrentHashMap<>();
    private final Map<String, Long> images = new HashMap<>();
    private TypedMemory typed;
    private boolean typedKnown;
    private long nextCookie;

    /**
     * Builds the environment.
     *
     * @param btf the target's BTF; may give {@code null}
     */
    public World(WorldSpec spec, Memory memory, Handles handles, Supplier<Btf> btf) {
        this.spec = spec;
        this.arena = memory;
        this.handles = handles;
        this.btf = btf;
        this.network = new Network(spec);
        this.conntrack = new Conntrack(spec.connections(), this::typed);
        buildCgroups();
        for (TaskSpec task : spec.tasks()) {
            tasks.put(task.pid(), new Task(task, cgroups.get(task.cgroup())));
        }
        for (SocketSpec socket : spec.sockets()) {
            nextCookie = Math.max(nextCookie, socket.cookie());
        }
        for (SocketSpec socket : spec.sockets()) {
            long cookie = socket.cookie() != 0 ? socket.cookie() : ++nextCookie;
            sockets.add(new Socket(socket, cgroups.get(socket.cgroup()), cookie));
        }
    }

    /** The described ones and those that paths imply, parents first. */
    private void buildCgroups() {
        Map<String, CgroupSpec> described = new HashMap<>();
        long highest = ROOT_ID;
        for (CgroupSpec cgroup : spec.cgroups()) {
            described.put(cgroup.path(), cgroup);
            highest = Math.max(highest, cgroup.id());
        }
        long[] next = {highest};
        addCgroup("/", described, next);
        spec.cgroups().forEach(cgroup -> addCgroup(cgroup.path(), described, next));
        spec.tasks().forEach(task -> addCgroup(task.cgroup(), described, next));
        spec.sockets().forEach(socket -> addCgroup(socket.cgroup(), described, next));
    }

    private Cgroup addCgroup(String path, Map<String, CgroupSpec> described, long[] next) {
        Cgroup known = cgroups.get(path);
        if (known != null) {
            return known;
        }
        CgroupSpec given = described.getOrDefault(path, new CgroupSpec(path, 0, null));
        boolean root = path.equals("/");
        Cgroup parent =
                root
                        ? null
                        : addCgroup(
                                path.lastIndexOf('/') == 0
                                        ? "/"
                                        : path.substring(0, path.lastIndexOf('/')),
                                described,
                                next);
        long id = given.id() != 0 ? given.id() : root ? ROOT_ID : ++next[0];
        Cgroup cgroup = new Cgroup(path, id, parent, given.fields());
        cgroups.put(path, cgroup);
        return cgroup;
    }

    public WorldSpec spec() {
        return spec;
    }

    public Network network() {
        return network;
    }

    /** The connections that are tracked. */
    public Conntrack conntrack() {
        return conntrack;
    }

    // ---- who is there

    /** The task on whose behalf programs run. */
    public Task current() {
        return tasks.get(spec.current());
    }

    /** The task of a thread id, or {@code null}. */
    public Task task(int pid) {
        return tasks.get(pid);
    }

    /** All tasks, in the order of the description. */
    public List<Task> tasks() {
        return List.copyOf(tasks.values());
    }

    public Cgroup rootCgroup() {
        return cgroups.get("/");
    }

    /** The cgroup of a path, or {@code null}. */
    public Cgroup cgroup(String path) {
        return cgroups.get(path);
    }

    /** The cgroup of a number, or {@code null}. */
    public Cgroup cgroup(long id) {
        for (Cgroup cgroup : cgroups.values()) {
            if (cgroup.id() == id) {
                return cgroup;
            }
        }
        return null;
    }

    /** All cgroups, parents before their children. */
    public List<Cgroup> cgroups() {
        return List.copyOf(cgroups.values());
    }

    public List<Socket> sockets() {
        return List.copyOf(sockets);
    }

    /** The socket of a name in the description, or {@code null}. */
    public Socket socket(String name) {
        for (Socket socket : sockets) {
            if (socket.spec().name().equals(name)) {
                return socket;
            }
        }
        return null;
    }

    // ---- addresses

    /** The object whose address (in any form) this is, or {@code null}. */
    public KernelObject at(long address) {
        return objects.get(address);
    }

    /** The task whose {@code struct task_struct} is at an address, or {@code null}. */
    public Task taskAt(long address) {
        return objects.get(address) instanceof Task task ? task : null;
    }

    public Cgroup cgroupAt(long address) {
        return objects.get(address) instanceof Cgroup cgroup ? cgroup : null;
    }

    /** The socket one of whose forms is at an address, or {@code null}. */
    public Socket socketAt(long address) {
        return objects.get(address) instanceof Socket socket ? socket : null;
    }

    /** The address of the kernel's structure of an object. */
    public long address(KernelObject object) {
        Long known = addresses.get(object);
        return known != null ? known : layOut(object);
    }

    private synchronized long layOut(KernelObject object) {
        Long known = addresses.get(object);
        if (known != null) {
            return known;
        }
        TypedMemory types = typed();
        int type = types == null ? 0 : types.struct(object.struct());
        if (type == 0) {
            long handle = handles.register(object);
            remember(object, handle);
            return handle;
        }
        TypedMemory.Place place =
                types.allocate(type, object.reference().substring(1), Region.Kind.KERNEL);
        // known before its fields are: they may lead back to it
        remember(object, place.address());
        new ObjectFields(this, types).fill(place, object);
        return place.address();
    }

    private void remember(KernelObject object, long address) {
        addresses.put(object, address);
        objects.put(address, object);
    }

    /** A socket as programs of the network see it: {@code struct bpf_sock}. */
    public long sockAddress(Socket socket) {
        return image(socket).sock();
    }

    /** A socket's {@code struct bpf_tcp_sock}. */
    public long tcpSockAddress(Socket socket) {
        return image(socket).tcpSock();
    }

    private SocketImage image(Socket socket) {
        return socketImages.computeIfAbsent(
                socket,
                key -> {
                    SocketImage image = SocketImage.create(key, arena);
                    objects.put(image.sock(), key);
                    objects.put(image.tcpSock(), key);
                    return image;
                });
    }

    // ---- memory and symbols

    private synchronized TypedMemory typed() {
        if (!typedKnown) {
            Btf types = btf.get();
            typed =
                    types == null
                            ? null
                            : new TypedMemory(types, arena.inOrder(types.order()), this::reference);
            typedKnown = true;
        }
        return typed;
    }

    private long reference(JsonScalar scalar) {
        try {
            return address((String) scalar.value());
        } catch (BpfException e) {
            throw BpfException.usage(scalar.place() + ": " + e.getMessage());
        }
    }

    /**
     * The address that a reference stands for: {@code @task/PID}, {@code @current}, {@code
     * @cgroup/PATH}, {@code @socket/NAME} (the kernel's structure), {@code @memory/NAME}.
     *
     * @throws BpfException USAGE if nothing has that name
     */
    public long address(String reference) {
        if (reference.equals("@current")) {
            return address(current());
        }
        if (reference.startsWith("@memory/")) {
            return memory(reference.substring("@memory/".length()));
        }
        for (List<? extends KernelObject> kind : List.of(tasks(), cgroups(), sockets)) {
            for (KernelObject object : kind) {
                if (object.reference().equals(reference)) {
                    return address(object);
                }
            }
        }
        throw BpfException.usage(
                "nothing in the environment is called '"
                        + reference
                        + "'; references are @current, @task/PID, @cgroup/PATH, @socket/NAME and"
                        + " @memory/NAME");
    }

    private synchronized long memory(String name) {
        Long known = images.get(name);
        if (known != null) {
            return known;
        }
        for (ImageSpec image : spec.memory()) {
            if (image.name().equals(name)) {
                return place(image);
            }
        }
        throw BpfException.usage("the environment describes no memory '" + name + "'");
    }

    private long place(ImageSpec image) {
        Region.Kind kind = image.user() ? Region.Kind.MEMORY : Region.Kind.KERNEL;
        if (image.type() == null) {
            Region region =
                    arena.allocate(kind, image.name(), image.bytes().length, image.writable());
            arena.write(region.start(), image.bytes());
            images.put(image.name(), region.start());
            return region.start();
        }
        TypedMemory types = typed();
        int type = types == null ? 0 : types.struct(image.type().replaceFirst("^struct ", ""));
        if (type == 0) {
            throw BpfException.usage(
                    "memory '"
                            + image.name()
                            + "' is a "
                            + image.type()
                            + ", which the target's BTF does not have"
                            + (types == null ? ": there is none; give one with --btf" : ""));
        }
        TypedMemory.Place place = types.allocate(type, 1, image.name(), kind, image.writable());
        images.put(image.name(), place.address());
        if (image.fields() != null) {
            types.store(place, image.fields());
        }
        return place.address();
    }

    /** The BTF of the kernel, or {@code null}. */
    public Btf btf() {
        return btf.get();
    }

    /**
     * The {@code struct pt_regs} of a task's user side; its instruction pointer is the innermost.
     */
    public synchronized long registers(Task task) {
        return images.computeIfAbsent(
                "registers of " + task,
                name -> {
                    TypedMemory types = typed();
                    int type = types == null ? 0 : types.struct("pt_regs");
                    if (type == 0) {
                        return arena.allocate(Region.Kind.KERNEL, name, PT_REGS, false).start();
                    }
                    TypedMemory.Place place = types.allocate(type, name, Region.Kind.KERNEL);
                    if (!task.spec().userStack().isEmpty()) {
                        types.put(place, "ip", task.spec().userStack().getFirst());
                        types.put(place, "pc", task.spec().userStack().getFirst());
                    }
                    return place.address();
                });
    }

    /**
     * A structure of the kernel with some of its fields, numbers or texts by their paths; without a
     * BTF an address at which nothing can be read. One of a name is made once, and its fields are
     * set each time.
     */
    public synchronized long image(String struct, String name, Map<String, Object> fields) {
        TypedMemory types = typed();
        int type = types == null ? 0 : types.struct(struct);
        long address =
                images.computeIfAbsent(
                        name,
                        key ->
                                type == 0
                                        ? handles.register(key)
                                        : types.allocate(type, key, Region.Kind.KERNEL).address());
        if (type != 0) {
            TypedMemory.Place place = types.at(type, address);
            fields.forEach(
                    (path, value) -> {
                        if (value instanceof String text) {
                            types.putText(place, path, text);
                        } else {
                            types.put(place, path, (Long) value);
                        }
                    });
        }
        return address;
    }

    /** The {@code struct vm_area_struct} of a mapping. */
    public synchronized long address(VmaSpec vma) {
        return images.computeIfAbsent(
                vma.toString(),
                name -> {
                    TypedMemory types = typed();
                    int type = types == null ? 0 : types.struct("vm_area_struct");
                    if (type == 0) {
                        return handles.register(vma);
                    }
                    TypedMemory.Place place =
                            types.allocate(type, "vm_area_struct", Region.Kind.KERNEL);
                    types.put(place, "vm_start", vma.start());
                    types.put(place, "vm_end", vma.end());
                    types.put(place, "vm_flags", vma.flags());
                    TypedMemory.Place path =
                            vma.file() == null ? null : types.field(place, "vm_file.f_path");
                    if (path != null) {
                        types.storePath(path, vma.file());
                    }
                    return place.address();
                });
    }

    /**
     * The text of a {@code struct path}.
     *
     * @throws BpfException TRAP without a BTF that says what it looks like
     */
    public String path(long address) {
        return requireTypes().path(address);
    }

    /**
     * The {@code struct file} that a task executes, 0 if the target's tasks have none.
     *
     * @throws BpfException TRAP without a BTF that says what a task looks like
     */
    public long executable(Task task) {
        return requireTypes().loadAt(address(task), task.struct(), "mm.exe_file");
    }

    /** Stores into a field of a structure of the kernel. */
    public void put(long address, String struct, String field, long value) {
        requireTypes().put(address, struct, field, value);
    }

    private TypedMemory requireTypes() {
        TypedMemory types = typed();
        if (types == null) {
            throw BpfException.trap(
                    "there is no BTF that says how the kernel's structures are laid out; give one"
                            + " with --btf");
        }
        return types;
    }

    /** The address of a kernel symbol in the description, or 0. */
    public long symbol(String name) {
        for (SymbolSpec symbol : spec.symbols()) {
            if (symbol.name().equals(name)) {
                return symbol.address();
            }
        }
        return 0;
    }

    /** A cookie that no socket has. */
    public synchronized long newCookie() {
        return ++nextCookie;
    }
}
