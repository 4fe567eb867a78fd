package org.trufflebpf;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.RootNode;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.interop.EbpfError;
import org.trufflebpf.interop.ObjectValue;

/** What a parsed object file does when it is run: it opens the object in the current context. */
final class OpenRootNode extends RootNode {
    private final ParsedObject parsed;

    OpenRootNode(EbpfLanguage language, ParsedObject parsed) {
        super(language);
        this.parsed = parsed;
    }

    @Override
    public Object execute(VirtualFrame frame) {
        return open(EbpfContext.get(this));
    }

    @TruffleBoundary
    private Object open(EbpfContext context) {
        try {
            return new ObjectValue(new LoadedObject(context, parsed, InstanceOptions.NONE));
        } catch (BpfException e) {
            throw new EbpfError(e);
        }
    }

    @Override
    public String getName() {
        return parsed.spec().name();
    }
}
