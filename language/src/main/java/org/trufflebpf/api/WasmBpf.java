package org.trufflebpf.api;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.trufflebpf.uapi.Errno;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs Wasm applications that are written for wasm-bpf: the six host functions of its import module
 * {@code wasm_bpf}, so that an application loads the BPF object in its linear memory, attaches its
 * programs, polls its buffers and works on its maps, without a kernel. What would happen in a
 * kernel comes from an {@link EventSource}.
 *
 * <pre>{@code
 * try (Context context = Context.newBuilder("wasm", "ebpf")
 *         .option("wasm.Builtins", "wasi_snapshot_preview1")
 *         .allowHostAccess(BUFFERS)
 *         .build()) {
 *     Value module = context.eval(Source.newBuilder("wasm", new File("app.wasm")).build());
 *     int status = new WasmBpf(context, (program, target) -> packets.iterator()).run(module);
 * }
 * }</pre>
 *
 * <p>The application exports its memory as {@code memory} and, to poll, its function table ({@code
 * -Wl,--export-table}). One thread at a time runs it.
 */
public final class WasmBpf {
    /** Name of the import module. */
    public static final String MODULE = "wasm_bpf";

    /** What happens to attached programs. */
    @FunctionalInterface
    public interface EventSource {
        /**
         * A program is attached.
         *
         * @param target what the application says it is to be attached to, or {@code null}
         * @return the inputs to run it on, one each time that the application waits; {@code null}
         *     where there is nothing for it to be attached to
         */
        Iterator<BpfInput> attached(BpfProgram program, String target);
    }

    private final Context context;
    private final EventSource events;
    private final Map<String, Map<String, Object>> imports = new HashMap<>();
    private final Map<Long, WasmObject> objects = new HashMap<>();
    private final Map<Integer, WasmObject> byFd = new HashMap<>();
    private Consumer<BpfException> refused = reason -> System.err.println(reason.getMessage());
    private long nextObject = 1;
    private int nextFd = 3;
    private Value exports;
    private WasmMemory memory;
    private WasmTable table;

    /** In a context of the languages {@code wasm} and {@code ebpf} that allows buffer access. */
    public WasmBpf(Context context, EventSource events) {
        this.context = context;
        this.events = events;
        define("wasm_load_bpf_object", a -> load(a[0].asInt(), a[1].asInt()));
        define("wasm_close_bpf_object", a -> close(a[0].asLong()));
        define(
                "wasm_attach_bpf_program",
                a -> attach(object(a[0]), memory.text(a[1].asInt()), memory.text(a[2].asInt())));
        define("wasm_bpf_map_fd_by_name", a -> fd(object(a[0]), memory.text(a[1].asInt())));
        define(
                "wasm_bpf_buffer_poll",
                a ->
                        object(a[0])
                                .poll(
                                        a[1].asInt(),
                                        memory,
                                        callback(a[2].asInt(), a[3].asInt()),
                                        a[4].asInt(),
                                        a[5].asInt()));
        define(
                "wasm_bpf_map_operate",
                a ->
                        of(a[0].asInt())
                                .operate(
                                        a[0].asInt(),
                                        a[1].asInt(),
                                        memory,
                                        a[2].asInt(),
                                        a[3].asInt(),
                                        a[4].asInt(),
                                        a[5].asLong()));
    }

    /** A host function; a failure becomes the kernel's negative errno. */
    private interface HostFunction {
        Object call(Value[] arguments) throws WasmMemory.Fault;
    }

    private void define(String name, HostFunction function) {
        ProxyExecutable executable =
                arguments -> {
                    try {
                        return function.call(arguments);
                    } catch (WasmMemory.Fault e) {
                        return error(Errno.EFAULT);
                    } catch (BpfException e) {
                        if (e.errno().isEmpty()) {
                            throw e;
                        }
                        return error(Errno.valueOf(e.errno().get()));
                    }
                };
        define(MODULE, name, executable);
    }

    static int error(Errno errno) {
        return (int) errno.negative();
    }

    /**
     * Defines another import of the application's: anything that can be called.
     *
     * @return this
     */
    public WasmBpf define(String module, String name, Object function) {
        imports.computeIfAbsent(module, key -> new HashMap<>()).put(name, function);
        return this;
    }

    /**
     * Lets the application call a program as the imported function {@code int name(void *packet,
     * int size)}, which runs it on bytes of the linear memory and gives its return value; the bytes
     * are what the program left, as far as there is room for them.
     *
     * @return this
     */
    public WasmBpf define(String module, String name, BpfProgram program) {
        ProxyExecutable run =
                arguments -> {
                    int pointer = arguments[0].asInt();
                    int size = arguments[1].asInt();
                    try {
                        BpfResult result = program.run(memory.read(pointer, size));
                        if (result.data() != null) {
                            byte[] after = result.data();
                            memory.write(pointer, after, Math.min(size, after.length));
                        }
                        return (int) result.value();
                    } catch (WasmMemory.Fault e) {
                        throw BpfException.usage(module + "." + name + ": " + e.getMessage());
                    }
                };
        return define(module, name, run);
    }

    /**
     * Who is told why an object was refused; the application only learns that it was. By default
     * the reason is printed to {@code System.err}, as libbpf does.
     *
     * @return this
     */
    public WasmBpf onRefused(Consumer<BpfException> listener) {
        refused = listener;
        return this;
    }

    /** Makes an instance of a module; gives its exports. Of one {@code WasmBpf} there is one. */
    public Value instantiate(Value module) {
        if (exports != null) {
            throw new IllegalStateException("there is an instance already");
        }
        Map<String, Object> modules = new HashMap<>();
        imports.forEach((name, functions) -> modules.put(name, ProxyObject.fromMap(functions)));
        exports = module.newInstance(ProxyObject.fromMap(modules)).getMember("exports");
        Value exported = exports.getMember("memory");
        if (exported == null || !exported.hasBufferElements()) {
            throw BpfException.usage("the Wasm module does not export its memory as 'memory'");
        }
        memory = new WasmMemory(exported);
        return exports;
    }

    /** Runs an application from its start to its end; gives its exit status. */
    public int run(Value module) {
        Value start = instantiate(module).getMember("_start");
        if (start == null) {
            throw BpfException.usage("the Wasm module has no _start: it is no application");
        }
        try {
            start.executeVoid();
            return 0;
        } catch (PolyglotException e) {
            if (e.isExit()) {
                return e.getExitStatus();
            }
            throw e;
        } finally {
            objects.clear();
            byFd.clear();
        }
    }

    // ---- the host functions

    private WasmObject object(Value handle) {
        WasmObject object = objects.get(handle.asLong());
        if (object == null) {
            throw BpfException.errno(Errno.EINVAL, "there is no object " + handle);
        }
        return object;
    }

    private WasmObject of(int fd) {
        WasmObject object = byFd.get(fd);
        if (object == null) {
            throw BpfException.errno(Errno.EBADF, "there is no map " + fd);
        }
        return object;
    }

    /** A handle, or 0 for an object that is refused. */
    private long load(int pointer, int size) throws WasmMemory.Fault {
        byte[] bytes = memory.read(pointer, size);
        try {
            WasmObject object =
                    WasmObject.load(BpfObject.evaluate(context, "application.o", bytes));
            long handle = nextObject++;
            objects.put(handle, object);
            return handle;
        } catch (BpfException e) {
            refused.accept(e);
            return 0;
        }
    }

    private int close(long handle) {
        WasmObject closed = objects.remove(handle);
        byFd.values().removeIf(object -> object == closed);
        return closed == null ? error(Errno.EINVAL) : 0;
    }

    private int attach(WasmObject object, String name, String target) {
        BpfProgram program = object.program(name);
        if (program == null) {
            return error(Errno.ENOENT);
        }
        Iterator<BpfInput> inputs =
                events.attached(program, target == null || target.isEmpty() ? null : target);
        if (inputs == null) {
            return error(Errno.EOPNOTSUPP);
        }
        object.attach(program, inputs);
        return 0;
    }

    private int fd(WasmObject object, String name) {
        int fd = object.fd(name, nextFd);
        if (fd == nextFd) {
            nextFd++;
            byFd.put(fd, object);
        }
        return fd;
    }

    private WasmObject.Callback callback(int function, int ctx) {
        if (table == null) {
            Value exported = exports.getMember("__indirect_function_table");
            if (exported == null) {
                throw BpfException.usage(
                        "the Wasm module does not export its function table: link it with"
                                + " -Wl,--export-table");
            }
            table = new WasmTable(context, exported);
        }
        return (data, size) -> table.call(function, ctx, data, size);
    }
}
