package org.trufflebpf.launcher;

import org.graalvm.polyglot.Engine;

import java.lang.module.ModuleDescriptor;

/**
 * Names what decides how a program runs: our version, the Truffle runtime, and the JDK below it.
 */
final class Version {

    static String text() {
        try (Engine engine =
                Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build()) {
            return "ebpf-run "
                    + own()
                    + "\n"
                    + engine.getImplementationName()
                    + " "
                    + engine.getVersion()
                    + ", JDK "
                    + Runtime.version()
                    + "\n";
        }
    }

    /** The build writes it into the module's descriptor; on a class path there is none. */
    private static String own() {
        ModuleDescriptor module = Version.class.getModule().getDescriptor();
        return module == null ? "unpackaged" : module.rawVersion().orElse("unpackaged");
    }

    private Version() {}
}
