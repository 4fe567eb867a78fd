package org.trufflebpf.launcher;

import org.graalvm.polyglot.Engine;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

import java.lang.module.ModuleDescriptor;

/** {@code ebpf-run}: runs BPF object files in user space. */
@Command(
        name = "ebpf-run",
        mixinStandardHelpOptions = true,
        versionProvider = EbpfRun.Version.class,
        description = "Runs BPF object files in user space.")
public final class EbpfRun implements Runnable {

    public static void main(String[] args) {
        System.exit(new CommandLine(new EbpfRun()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /**
     * Names what decides how a program runs: our version, the Truffle runtime, and the JDK below
     * it.
     */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            try (Engine engine = Engine.create()) {
                return new String[] {
                    "ebpf-run " + ownVersion(),
                    engine.getImplementationName()
                            + " "
                            + engine.getVersion()
                            + ", JDK "
                            + Runtime.version(),
                };
            }
        }

        /** The build writes it into the module's descriptor; on a class path there is none. */
        private static String ownVersion() {
            ModuleDescriptor module = EbpfRun.class.getModule().getDescriptor();
            return module == null ? "unpackaged" : module.rawVersion().orElse("unpackaged");
        }
    }
}
