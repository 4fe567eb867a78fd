package org.trufflebpf;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.ContextThreadLocal;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.source.Source;

import org.graalvm.options.OptionDescriptors;
import org.graalvm.options.OptionValues;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.interop.EbpfError;
import org.trufflebpf.link.ObjectLinker;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * eBPF as a Truffle language. A tour, in the order in which data flows:
 *
 * <ol>
 *   <li>{@link #parse} reads the bytes of an object file with {@link org.trufflebpf.elf}, {@link
 *       org.trufflebpf.btf} and {@link org.trufflebpf.object} into an {@link ObjectSpec}; raw
 *       instructions become an object with one program. Nothing of the environment enters.
 *   <li>Running the parsed source opens the object in the current context: a {@link LoadedObject}
 *       whose maps live in the context's {@link org.trufflebpf.runtime.Machine}. Embedders see it
 *       through {@link org.trufflebpf.interop}.
 *   <li>When a program is first needed it is loaded: {@link org.trufflebpf.relo} resolves what
 *       depends on the environment, {@link org.trufflebpf.cfg} finds functions and basic blocks,
 *       {@link org.trufflebpf.nodes} makes the call targets that Truffle compiles.
 *   <li>A run lays out its input with {@link org.trufflebpf.context}, calls the entry function,
 *       whose nodes work on {@link org.trufflebpf.memory}, {@link org.trufflebpf.map} and {@link
 *       org.trufflebpf.helper}, and collects the output.
 * </ol>
 */
@TruffleLanguage.Registration(
        id = EbpfLanguage.ID,
        name = "eBPF",
        implementationName = "TruffleBPF",
        defaultMimeType = EbpfLanguage.MIME_ELF,
        byteMimeTypes = {EbpfLanguage.MIME_ELF, EbpfLanguage.MIME_RAW},
        fileTypeDetectors = BpfFileDetector.class,
        contextPolicy = TruffleLanguage.ContextPolicy.SHARED)
public final class EbpfLanguage extends TruffleLanguage<EbpfContext> {
    public static final String ID = "ebpf";

    /** An ELF object file. */
    public static final String MIME_ELF = "application/x-bpf";

    /** Instructions of 8 bytes, little-endian. */
    public static final String MIME_RAW = "application/x-bpf-raw";

    private static final LanguageReference<EbpfLanguage> REFERENCE =
            LanguageReference.create(EbpfLanguage.class);

    private final ContextThreadLocal<EbpfThread> threads =
            locals.createContextThreadLocal(EbpfThread::new);

    private volatile boolean shared;

    @Override
    protected EbpfContext createContext(Env env) {
        return new EbpfContext(this, env);
    }

    @Override
    protected void disposeContext(EbpfContext context) {
        context.close();
    }

    @Override
    protected void initializeMultipleContexts() {
        shared = true;
    }

    /** What the current thread keeps in the current context. */
    public static EbpfThread thread(Node node) {
        return REFERENCE.get(node).threads.get();
    }

    @Override
    protected void disposeThread(EbpfContext context, Thread thread) {
        threads.get(context.env().getContext(), thread).close();
    }

    /** Whether contexts share code, so that code must not know any of them. */
    boolean isShared() {
        return shared;
    }

    @Override
    protected boolean areOptionsCompatible(OptionValues first, OptionValues second) {
        return EbpfOptions.code(first).equals(EbpfOptions.code(second));
    }

    @Override
    protected OptionDescriptors getOptionDescriptors() {
        return new EbpfOptionsOptionDescriptors();
    }

    /** Programs run on any thread; the state of a run belongs to one thread at a time. */
    @Override
    protected boolean isThreadAccessAllowed(Thread thread, boolean singleThreaded) {
        return true;
    }

    @Override
    protected CallTarget parse(ParsingRequest request) {
        Source source = request.getSource();
        if (!source.hasBytes()) {
            throw new EbpfError(
                    BpfException.usage(
                            "a BPF object is binary: give the source as bytes, with the MIME type "
                                    + MIME_ELF),
                    source);
        }
        byte[] bytes = source.getBytes().toByteArray();
        ObjectSpec spec;
        try {
            spec =
                    MIME_RAW.equals(source.getMimeType())
                            ? ObjectReader.readRaw(bytes, ByteOrder.LITTLE_ENDIAN)
                            : readObject(source.getName(), bytes);
        } catch (BpfException e) {
            throw new EbpfError(e, source);
        }
        return new OpenRootNode(this, new ParsedObject(spec)).getCallTarget();
    }

    /** The object, linked with those that the user's options name. */
    private static ObjectSpec readObject(String name, byte[] bytes) {
        String link = EbpfContext.get(null).codeOptions().link();
        if (link.isEmpty()) {
            return ObjectReader.read(name, bytes);
        }
        List<ObjectLinker.Input> inputs = new ArrayList<>();
        inputs.add(new ObjectLinker.Input(name, bytes));
        for (String path : link.split(",", -1)) {
            try {
                inputs.add(new ObjectLinker.Input(path, Files.readAllBytes(Path.of(path))));
            } catch (IOException e) {
                throw BpfException.usage("cannot read the object file " + path + ": " + e);
            }
        }
        return ObjectReader.read(name, ObjectLinker.link(inputs));
    }
}
