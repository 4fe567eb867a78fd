/** eBPF as a Truffle language. */
module org.trufflebpf {
    requires com.fasterxml.jackson.core;
    requires jdk.unsupported;
    requires org.graalvm.polyglot;
    requires org.graalvm.truffle;

    provides com.oracle.truffle.api.provider.TruffleLanguageProvider with
            org.trufflebpf.EbpfLanguageProvider;
}
