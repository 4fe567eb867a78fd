package org.trufflebpf;

import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.TruffleLanguage.ContextPolicy;
import com.oracle.truffle.api.TruffleLanguage.Registration;

/** The eBPF language, registered so that an engine finds it; it parses nothing yet. */
@Registration(
        id = EbpfLanguage.ID,
        name = "eBPF",
        byteMimeTypes = EbpfLanguage.MIME_TYPE,
        defaultMimeType = EbpfLanguage.MIME_TYPE,
        contextPolicy = ContextPolicy.SHARED)
public final class EbpfLanguage extends TruffleLanguage<Object> {

    public static final String ID = "ebpf";
    public static final String MIME_TYPE = "application/x-bpf-object";

    @Override
    protected Object createContext(Env env) {
        return env;
    }
}
