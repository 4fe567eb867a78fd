package org.trufflebpf;

import org.graalvm.polyglot.Context;
import org.trufflebpf.object.ObjectSpec;

import java.util.function.Consumer;

/** An object opened in an entered context, for tests that go below the values of polyglot. */
public final class OpenedObject {
    private OpenedObject() {}

    /** Opens {@code spec} in the context and calls {@code use}. */
    public static void with(Context context, ObjectSpec spec, Consumer<LoadedObject> use) {
        context.initialize(EbpfLanguage.ID);
        context.enter();
        try {
            use.accept(
                    new LoadedObject(
                            EbpfContext.get(null), new ParsedObject(spec), InstanceOptions.NONE));
        } finally {
            context.leave();
        }
    }
}
