package org.trufflebpf.world;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.world.JsonValue.JsonObject;
import org.trufflebpf.world.WorldSpec.CgroupSpec;
import org.trufflebpf.world.WorldSpec.ImageSpec;
import org.trufflebpf.world.WorldSpec.InterfaceSpec;
import org.trufflebpf.world.WorldSpec.NamespaceSpec;
import org.trufflebpf.world.WorldSpec.NeighbourSpec;
import org.trufflebpf.world.WorldSpec.RouteSpec;
import org.trufflebpf.world.WorldSpec.RouteType;
import org.trufflebpf.world.WorldSpec.SymbolSpec;
import org.trufflebpf.world.WorldSpec.SysctlSpec;
import org.trufflebpf.world.WorldSpec.TaskSpec;
import org.trufflebpf.world.WorldSpec.VmaSpec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads the description of an environment. A wrong file is a usage error that names file, line and
 * member, what was expected and what was found.
 */
public final class WorldReader {
    /** Highest thread id ({@code PID_MAX_LIMIT}). */
    private static final int MAX_PID = 4 * 1024 * 1024;

    /** Number of the routing table {@code main}. */
    static final int MAIN_TABLE = 254;

    private static final int MAX_MEMORY = 1 << 20;
    private static final long ANY = Long.MAX_VALUE;

    private final JsonFields root;
    private final List<InterfaceSpec> interfaces = new ArrayList<>();

    private WorldReader(JsonFields root) {
        this.root = root;
    }

    /**
     * Reads a description.
     *
     * @param file what messages call it
     * @throws BpfException USAGE
     */
    public static WorldSpec read(String file, String json) {
        return read(JsonValue.parse(file, json));
    }

    /** What an empty description stands for; made without JSON, as every start needs it. */
    static WorldSpec defaults() {
        return read(new JsonObject("the default environment", Map.of()));
    }

    private static WorldSpec read(JsonValue description) {
        return new WorldReader(new JsonFields(description, "the environment")).world();
    }

    private WorldSpec world() {
        List<TaskSpec> tasks = tasks();
        List<CgroupSpec> cgroups = cgroups();
        List<WorldSpec.SocketSpec> sockets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        root.list("sockets", value -> sockets.add(SocketReader.read(value, sockets.size(), names)));
        interfaces.addAll(root.list("interfaces", WorldReader::networkInterface));
        if (interfaces.stream().noneMatch(each -> each.index() == 1)) {
            interfaces.addFirst(loopback());
        }
        int current =
                (int)
                        root.number(
                                "current",
                                1,
                                MAX_PID,
                                tasks.isEmpty() ? 1 : tasks.getFirst().pid());
        if (tasks.isEmpty()) {
            tasks.add(
                    new TaskSpec(
                            1,
                            1,
                            0,
                            "ebpf-run",
                            0,
                            0,
                            "/",
                            0,
                            "/usr/bin/ebpf-run",
                            1,
                            List.of(),
                            List.of(),
                            List.of(),
                            null));
        }
        if (tasks.stream().noneMatch(task -> task.pid() == current)) {
            throw BpfException.usage(
                    root.object().place()
                            + ": 'current' is "
                            + current
                            + ", but no task has that pid");
        }
        WorldSpec spec =
                new WorldSpec(
                        (int) root.number("hz", 100, 1000, 250),
                        root.number("wall_offset_ns", 0, ANY, -1),
                        current,
                        root.number("netns_cookie", 1, ANY, 1),
                        tasks,
                        cgroups,
                        sockets,
                        interfaces,
                        root.list("routes", this::route),
                        root.list("neighbours", this::neighbour),
                        root.list("connections", SocketReader::connection),
                        root.list("memory", WorldReader::image),
                        root.list("symbols", WorldReader::symbol),
                        sysctl(root.nested("sysctl")),
                        namespace(root.nested("pid_namespace")));
        root.done("the environment");
        return spec;
    }

    private static SysctlSpec sysctl(JsonObject object) {
        if (object == null) {
            return null;
        }
        JsonFields fields = new JsonFields(object, "a sysctl");
        SysctlSpec sysctl =
                new SysctlSpec(
                        fields.text("name"),
                        fields.text("value", ""),
                        fields.text("new_value", ""));
        fields.done("a sysctl");
        return sysctl;
    }

    /** Without a description the first namespace of a kernel. */
    private static NamespaceSpec namespace(JsonObject object) {
        if (object == null) {
            return new NamespaceSpec(4, 0xefff_fffcL);
        }
        JsonFields fields = new JsonFields(object, "a namespace");
        NamespaceSpec namespace =
                new NamespaceSpec(fields.bits("dev", 4), fields.number("ino", 1, ANY));
        fields.done("a namespace");
        return namespace;
    }

    // ---- tasks and cgroups

    private List<TaskSpec> tasks() {
        Set<Integer> pids = new HashSet<>();
        return root.list(
                "tasks",
                value -> {
                    JsonFields fields = new JsonFields(value, "a task");
                    int pid = (int) fields.number("pid", 1, MAX_PID);
                    if (!pids.add(pid)) {
                        throw BpfException.usage(
                                value.place() + ": a second task has the pid " + pid);
                    }
                    String comm = fields.text("comm", "task");
                    if (comm.getBytes(StandardCharsets.UTF_8).length > 15) {
                        throw BpfException.usage(
                                value.place() + ": the comm '" + comm + "' has more than 15 bytes");
                    }
                    TaskSpec task =
                            new TaskSpec(
                                    pid,
                                    (int) fields.number("tgid", 1, MAX_PID, pid),
                                    (int) fields.number("parent", 0, MAX_PID, 0),
                                    comm,
                                    (int) fields.number("uid", 0, 0xffff_ffffL, 0),
                                    (int) fields.number("gid", 0, 0xffff_ffffL, 0),
                                    path(fields),
                                    (int) fields.number("classid", 0, 0xffff_ffffL, 0),
                                    fields.text("exe", "/usr/bin/" + comm),
                                    (int) fields.number("namespace_pid", 1, MAX_PID, pid),
                                    fields.list("kernel_stack", JsonFields::bits),
                                    fields.list("user_stack", JsonFields::bits),
                                    fields.list("vmas", WorldReader::vma),
                                    fields.nested("fields"));
                    fields.done("a task");
                    return task;
                });
    }

    private static VmaSpec vma(JsonValue value) {
        JsonFields fields = new JsonFields(value, "a mapping");
        VmaSpec vma =
                new VmaSpec(
                        fields.bits("start", 0),
                        fields.bits("end", 0),
                        fields.bits("flags", 0),
                        fields.text("file", null));
        if (Long.compareUnsigned(vma.start(), vma.end()) >= 0) {
            throw BpfException.usage(value.place() + ": 'end' has to be above 'start'");
        }
        fields.done("a mapping");
        return vma;
    }

    static String path(JsonFields fields) {
        return fields.parsed(
                "cgroup",
                "the path of a cgroup, such as /system.slice",
                text -> text.startsWith("/") ? normal(text) : null,
                "/");
    }

    private static String normal(String path) {
        String stripped = path.replaceAll("/+", "/").replaceAll("/$", "");
        return stripped.isEmpty() ? "/" : stripped;
    }

    /** Those that are described; {@link World} adds what paths imply. */
    private List<CgroupSpec> cgroups() {
        Set<String> paths = new HashSet<>();
        return root.list(
                "cgroups",
                value -> {
                    JsonFields fields = new JsonFields(value, "a cgroup");
                    String path = fields.text("path");
                    if (!path.startsWith("/")) {
                        throw BpfException.usage(
                                value.place() + ": 'path' has to start with / and is " + path);
                    }
                    CgroupSpec cgroup =
                            new CgroupSpec(
                                    normal(path),
                                    fields.number("id", 1, ANY, 0),
                                    fields.nested("fields"));
                    if (!paths.add(cgroup.path())) {
                        throw BpfException.usage(
                                value.place() + ": " + cgroup.path() + " is described twice");
                    }
                    fields.done("a cgroup");
                    return cgroup;
                });
    }

    // ---- network

    private static InterfaceSpec loopback() {
        return new InterfaceSpec(
                1,
                "lo",
                0,
                65536,
                true,
                false,
                0,
                List.of(
                        new IpPrefix(IpAddress.loopback(false), 8),
                        new IpPrefix(IpAddress.loopback(true), 128)));
    }

    private static InterfaceSpec networkInterface(JsonValue value) {
        JsonFields fields = new JsonFields(value, "an interface");
        InterfaceSpec result =
                new InterfaceSpec(
                        (int) fields.number("index", 1, Integer.MAX_VALUE),
                        fields.text("name"),
                        mac(fields, 0),
                        (int) fields.number("mtu", 68, 65536, 1500),
                        fields.flag("up", true),
                        fields.flag("forwarding", true),
                        (int) fields.number("peer", 0, Integer.MAX_VALUE, 0),
                        fields.list("addresses", WorldReader::prefix));
        fields.done("an interface");
        return result;
    }

    private static IpPrefix prefix(JsonValue value) {
        if (value instanceof JsonValue.JsonScalar scalar && scalar.value() instanceof String text) {
            IpPrefix prefix = parsePrefix(text);
            if (prefix != null) {
                return prefix;
            }
        }
        throw JsonFields.wrong(value, "an address with its prefix length, such as 10.0.0.5/24");
    }

    /** Without a length the address alone; {@code default} is refused, it has no family. */
    private static IpPrefix parsePrefix(String text) {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return null;
        }
        int bits = address.bytes().length * 8;
        try {
            int length = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
            return length < 0 || length > bits ? null : new IpPrefix(address, length);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static long mac(JsonFields fields, long otherwise) {
        return fields.parsed(
                "mac",
                "six bytes, such as 02:00:00:00:00:01",
                text ->
                        text.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")
                                ? (Long) Long.parseLong(text.replace(":", ""), 16)
                                : null,
                otherwise);
    }

    private int device(JsonFields fields, JsonValue place) {
        String name = fields.text("dev");
        for (InterfaceSpec each : interfaces) {
            if (each.name().equals(name)) {
                return each.index();
            }
        }
        throw BpfException.usage(place.place() + ": there is no interface '" + name + "'");
    }

    private RouteSpec route(JsonValue value) {
        JsonFields fields = new JsonFields(value, "a route");
        RouteType type =
                fields.parsed("type", "a type of route", WorldReader::routeType, RouteType.UNICAST);
        IpPrefix to =
                fields.parsed("to", "a prefix, such as 0.0.0.0/0", WorldReader::parsePrefix, null);
        if (to == null) {
            throw BpfException.usage(value.place() + ": 'to' is missing");
        }
        boolean sent = type == RouteType.UNICAST || type == RouteType.LOCAL;
        RouteSpec route =
                new RouteSpec(
                        to,
                        type,
                        fields.parsed("via", "an address", IpAddress::parse, null),
                        sent || fields.has("dev") ? device(fields, value) : 0,
                        (int) fields.number("mtu", 68, 65536, 0),
                        fields.parsed("source", "an address", IpAddress::parse, null),
                        (int) fields.number("table", 1, Integer.MAX_VALUE, MAIN_TABLE),
                        (int) fields.number("metric", 0, Integer.MAX_VALUE, 0));
        fields.done("a route");
        return route;
    }

    private static RouteType routeType(String text) {
        for (RouteType type : RouteType.values()) {
            if (type.name().toLowerCase(Locale.ROOT).equals(text)) {
                return type;
            }
        }
        return null;
    }

    private NeighbourSpec neighbour(JsonValue value) {
        JsonFields fields = new JsonFields(value, "a neighbour");
        IpAddress address = fields.parsed("address", "an address", IpAddress::parse, null);
        if (address == null || !fields.has("mac")) {
            throw BpfException.usage(value.place() + ": a neighbour needs 'address' and 'mac'");
        }
        NeighbourSpec neighbour = new NeighbourSpec(address, device(fields, value), mac(fields, 0));
        fields.done("a neighbour");
        return neighbour;
    }

    // ---- memory

    private static ImageSpec image(JsonValue value) {
        JsonFields fields = new JsonFields(value, "memory");
        JsonObject typed = fields.nested("fields");
        String type = fields.text("type", null);
        byte[] bytes = contents(fields);
        if ((type == null) == (bytes == null) || (type == null && typed != null)) {
            throw BpfException.usage(
                    value.place()
                            + ": memory needs one of 'type' (with 'fields'), 'bytes', 'text' and"
                            + " 'size'");
        }
        boolean user =
                fields.parsed(
                        "space",
                        "kernel or user",
                        text ->
                                List.of("user", "kernel").contains(text)
                                        ? (Boolean) text.equals("user")
                                        : null,
                        false);
        ImageSpec image =
                new ImageSpec(
                        fields.text("name"),
                        user,
                        fields.flag("writable", user),
                        type,
                        bytes,
                        typed);
        fields.done("memory");
        return image;
    }

    private static byte[] contents(JsonFields fields) {
        if (fields.has("bytes")) {
            return fields.parsed(
                    "bytes",
                    "hexadecimal digits, two for each byte",
                    text -> {
                        try {
                            return HexFormat.of().parseHex(text.replace(" ", ""));
                        } catch (IllegalArgumentException e) {
                            return null;
                        }
                    },
                    null);
        }
        if (fields.has("text")) {
            return (fields.text("text") + "\0").getBytes(StandardCharsets.UTF_8);
        }
        return fields.has("size") ? new byte[(int) fields.number("size", 1, MAX_MEMORY, 0)] : null;
    }

    private static SymbolSpec symbol(JsonValue value) {
        JsonFields fields = new JsonFields(value, "a symbol");
        if (!fields.has("address")) {
            throw BpfException.usage(value.place() + ": 'address' is missing");
        }
        SymbolSpec symbol = new SymbolSpec(fields.text("name"), fields.bits("address", 0));
        fields.done("a symbol");
        return symbol;
    }
}
