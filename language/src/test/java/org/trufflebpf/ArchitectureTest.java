package org.trufflebpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which package may know which, read from the constant pools of the compiled classes. */
class ArchitectureTest {
    /**
     * The packages in the order in which data flow: a package refers only to those before it.
     * Between {@code nodes}, {@code interop} and the language's own package, which joins them all,
     * there is no order.
     */
    private static final List<String> ORDER =
            List.of(
                    "failure",
                    "uapi",
                    "elf",
                    "btf",
                    "btf/value",
                    "link",
                    "insn",
                    "object",
                    "relo",
                    "cfg",
                    "memory",
                    "world",
                    "map",
                    "runtime",
                    "context",
                    "helper",
                    "verifier",
                    "nodes",
                    "counterexample",
                    "interop",
                    "api",
                    "junit",
                    "");

    private static final int NODES = ORDER.indexOf("nodes");
    private static final Pattern TYPE = Pattern.compile("org/trufflebpf/((?:[a-z]+/)*)[A-Z]");

    /** Of each package the packages that its classes name, in paths. */
    private final Map<String, Set<String>> uses = new TreeMap<>();

    private final Map<String, Set<String>> truffleUsers = new TreeMap<>();

    ArchitectureTest() throws IOException, URISyntaxException {
        Path root =
                Path.of(
                        EbpfLanguage.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        Path classes = root.resolve("org/trufflebpf");
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                read(classes.relativize(file.getParent()).toString(), file);
            }
        }
    }

    private void read(String pack, Path file) throws IOException {
        String pool = Files.readString(file, StandardCharsets.ISO_8859_1);
        Set<String> used = uses.computeIfAbsent(pack, key -> new TreeSet<>());
        for (Matcher matcher = TYPE.matcher(pool); matcher.find(); ) {
            String path = matcher.group(1);
            used.add(path.isEmpty() ? "" : path.substring(0, path.length() - 1));
        }
        used.remove(pack);
        if (pool.contains("com/oracle/truffle")) {
            truffleUsers
                    .computeIfAbsent(pack, key -> new TreeSet<>())
                    .add(file.getFileName().toString());
        }
    }

    @Test
    void everyPackageHasItsPlace() {
        assertEquals(new TreeSet<>(ORDER), uses.keySet());
        assertTrue(uses.get("nodes").contains("insn"), "constant pools are read");
    }

    @Test
    void nothingBelowNodesKnowsTruffle() {
        ORDER.subList(0, NODES)
                .forEach(
                        pack ->
                                assertFalse(
                                        truffleUsers.containsKey(pack),
                                        () -> pack + ": " + truffleUsers.get(pack)));
        assertTrue(truffleUsers.containsKey("nodes"), "constant pools are read");
    }

    @Test
    void dependenciesPointOneWay() {
        for (int i = 0; i < NODES; i++) {
            String pack = ORDER.get(i);
            Set<String> allowed = new TreeSet<>(ORDER.subList(0, i));
            Set<String> wrong = new TreeSet<>(uses.get(pack));
            wrong.removeAll(allowed);
            assertEquals(Set.of(), wrong, () -> pack + " may know only " + allowed);
        }
        assertFalse(
                uses.get("nodes").contains("interop"), "execution does not know how it is shown");
    }
}
