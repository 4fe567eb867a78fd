package org.trufflebpf.launcher;

import org.graalvm.polyglot.Engine;
import org.trufflebpf.launcher.engine.Session;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.util.Properties;

/**
 * Names what decides how a program runs: our version and git revision, the Truffle runtime and
 * whether it compiles, and the JDK below it.
 */
final class Version {

    static String text() {
        try (Engine engine =
                Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build()) {
            return "ebpf-run "
                    + own()
                    + revision()
                    + "\n"
                    + engine.getImplementationName()
                    + " "
                    + engine.getVersion()
                    + (Session.interpretsOnly(engine)
                            ? " (programs are interpreted)"
                            : " (programs are compiled)")
                    + ", JDK "
                    + Runtime.version()
                    + "\n";
        }
    }

    /** What the build wrote into a resource, or else into the module's descriptor. */
    static String own() {
        String version = built().getProperty("git.build.version");
        if (version == null) {
            ModuleDescriptor module = Version.class.getModule().getDescriptor();
            version = module == null ? null : module.rawVersion().orElse(null);
        }
        return version == null ? "unpackaged" : version;
    }

    /** Sources without a git repository have no revision. */
    private static String revision() {
        Properties built = built();
        String commit = built.getProperty("git.commit.id.abbrev", "");
        boolean changed = Boolean.parseBoolean(built.getProperty("git.dirty"));
        return commit.isEmpty() ? "" : " (" + commit + (changed ? ", changed" : "") + ")";
    }

    private static Properties built() {
        Properties properties = new Properties();
        try (InputStream stream = Version.class.getResourceAsStream("revision.properties")) {
            if (stream != null) {
                properties.load(stream);
            }
        } catch (IOException e) {
            // As without it.
            properties.clear();
        }
        return properties;
    }

    private Version() {}
}
