package org.trufflebpf;

import com.oracle.truffle.api.TruffleLanguage.ContextReference;
import com.oracle.truffle.api.TruffleLanguage.Env;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.interop.EbpfError;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.relo.TargetBtf;
import org.trufflebpf.runtime.Machine;
import org.trufflebpf.runtime.TraceLine;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The state of the language in one context: the simulated machine, and where its output goes. */
public final class EbpfContext {
    private static final ContextReference<EbpfContext> REFERENCE =
            ContextReference.create(EbpfLanguage.class);

    private final EbpfLanguage language;
    private final Env env;
    private final CodeOptions codeOptions;
    private final Machine machine;
    private final TargetBtf targetBtf;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean printTrace;
    private final Watchdog watchdog;

    /** The freplace programs of the objects that the user's options name. */
    private Replacements replacements;

    /** Maps that objects share by name ({@code LIBBPF_PIN_BY_NAME}). */
    private final Map<String, BpfMap> pins = new ConcurrentHashMap<>();

    EbpfContext(EbpfLanguage language, Env env) {
        this.language = language;
        this.env = env;
        this.codeOptions = EbpfOptions.code(env.getOptions());
        this.out = new PrintStream(env.out(), true, StandardCharsets.UTF_8);
        this.err = new PrintStream(env.err(), true, StandardCharsets.UTF_8);
        this.printTrace = env.getOptions().get(EbpfOptions.PRINT_TRACE);
        this.targetBtf = TargetBtf.lazy(() -> KernelFiles.btf(codeOptions.targetBtf()));
        try {
            this.machine =
                    new Machine(
                            EbpfOptions.environment(env.getOptions()), this::print, targetBtf::get);
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
        this.watchdog = new Watchdog(env, machine.environment().timeoutNanos());
    }

    /** The context of the current thread. */
    public static EbpfContext get(Node node) {
        return REFERENCE.get(node);
    }

    void close() {
        watchdog.close();
        machine.close();
    }

    private void print(TraceLine line) {
        if (printTrace) {
            out.println(line);
        }
    }

    public EbpfLanguage language() {
        return language;
    }

    public Env env() {
        return env;
    }

    public CodeOptions codeOptions() {
        return codeOptions;
    }

    public Machine machine() {
        return machine;
    }

    /** The BTF of the kernel that programs are loaded for. */
    TargetBtf targetBtf() {
        return targetBtf;
    }

    /** Path of the kernel configuration that the user gave, or empty. */
    String kernelConfig() {
        return env.getOptions().get(EbpfOptions.KERNEL_CONFIG);
    }

    /** Maps that objects of the context share because both pin one of that name. */
    Map<String, BpfMap> pins() {
        return pins;
    }

    /** What takes the place of functions of the objects opened here. */
    synchronized Replacements replacements() {
        if (replacements == null) {
            replacements = Replacements.read(this, env.getOptions().get(EbpfOptions.REPLACE));
        }
        return replacements;
    }

    /** Stops runs that take too long. */
    public Watchdog watchdog() {
        return watchdog;
    }

    public PrintStream errorStream() {
        return err;
    }
}
