/** eBPF as a Truffle language. */
module org.trufflebpf {
    requires com.fasterxml.jackson.core;
    requires jdk.unsupported;
    requires transitive org.graalvm.polyglot;
    requires org.graalvm.truffle;
    requires static org.junit.jupiter.api;

    exports org.trufflebpf.api;
    exports org.trufflebpf.junit;

    provides com.oracle.truffle.api.provider.TruffleLanguageProvider with
            org.trufflebpf.EbpfLanguageProvider;
}
