/** The command line of TruffleBPF. It knows the language through the polyglot API only. */
module org.trufflebpf.launcher {
    requires info.picocli;
    requires org.graalvm.polyglot;

    // picocli sets the annotated fields of the commands.
    opens org.trufflebpf.launcher to
            info.picocli;
}
