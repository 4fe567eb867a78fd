/** The command line of TruffleBPF. It knows the language through the polyglot API only. */
module org.trufflebpf.launcher {
    requires com.fasterxml.jackson.core;
    requires info.picocli;
    requires org.graalvm.polyglot;
}
