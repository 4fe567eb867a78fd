package org.trufflebpf.verifier;

import org.trufflebpf.kernel.KernelObject;
import org.trufflebpf.kernel.KernelVerifier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compares the verdicts of the running kernel with the verifier's, over all there is, and writes
 * the tables of {@code docs/verifier-agreement.md}.
 *
 * <p>Arguments: {@code --record} writes the kernel's verdicts on the corpus anew; {@code
 * --compilers "14 19"} compiles the corpus with each of these at -O1, -O2 and -Os (18 and newer
 * also with {@code -mcpu=v4}) and compares that too; {@code --words} lists refusals in other words
 * than the kernel's; {@code --times} measures times instead, on a machine that does nothing else;
 * {@code --write} puts the table into the document.
 */
public final class Agreement {
    private static final Path DOCUMENT = Path.of("../docs/verifier-agreement.md");
    private static final int LARGE = 1000;
    private static final int ROUNDS = 5;

    private final List<Judged> judged = new ArrayList<>();
    private final StringBuilder table =
            new StringBuilder(
                    "| programs | judged by the kernel | it accepts | of these accepted here | it"
                            + " refuses | of these refused here | in its words |\n"
                            + "|---|---|---|---|---|---|---|\n");

    private Agreement() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String refusal = KernelObject.refusal();
        if (refusal != null) {
            throw new IllegalStateException("needs the kernel: " + refusal);
        }
        List<String> options = List.of(arguments);
        Agreement agreement = new Agreement();
        if (options.contains("--times")) {
            write(options, "times", times(agreement.objects("corpus", Recorded.CORPUS)));
            return;
        }
        agreement.cases();
        agreement.objects("fixtures", Path.of("src/test/fixtures"));
        agreement.objects("examples", Path.of("../examples"));
        List<Judged> corpus = agreement.objects("corpus", Recorded.CORPUS);
        if (options.contains("--record")) {
            Map<String, String> verdicts = new LinkedHashMap<>();
            corpus.forEach(one -> verdicts.put(one.toString(), verdict(one)));
            Recorded.write(Recorded.VERDICTS, verdicts);
        }
        int compilers = options.indexOf("--compilers");
        if (compilers >= 0) {
            for (String version : options.get(compilers + 1).split(" ")) {
                agreement.compiled(version);
            }
        }
        boolean words = options.contains("--words");
        for (Judged one : agreement.judged) {
            if (!one.agrees()) {
                System.out.println(
                        (one.isUnsound() ? "UNSOUND " : "imprecise ")
                                + one
                                + "\n    kernel: "
                                + verdict(one)
                                + "\n    here:   "
                                + (one.engine().accepted() ? "accept" : one.engine().message()));
            } else if (words
                    && one.kernel() != null
                    && !one.kernel().accepted()
                    && !one.saysTheSame()) {
                System.out.println(
                        "other words: "
                                + one
                                + "\n    kernel: "
                                + one.kernel().message()
                                + "\n    here:   "
                                + one.engine().words());
            }
        }
        write(options, "agreement", agreement.table.toString());
    }

    private static void write(List<String> options, String name, String content)
            throws IOException {
        System.out.println(content);
        if (options.contains("--write")) {
            Files.writeString(DOCUMENT, section(Files.readString(DOCUMENT), name, content));
        }
    }

    static String verdict(Judged one) {
        if (one.kernel() == null) {
            return "unknown";
        }
        return one.kernel().accepted() ? "accept" : "reject " + one.kernel().message();
    }

    private static String section(String text, String name, String content) {
        String begin = "<!-- generated: " + name + " -->\n";
        String end = "<!-- end: " + name + " -->";
        int from = text.indexOf(begin) + begin.length();
        return text.substring(0, from) + content + text.substring(text.indexOf(end));
    }

    private void cases() {
        List<Judged> all =
                CaseFile.allCases()
                        .map(
                                single -> {
                                    CaseProgram program = new CaseProgram(single);
                                    return new Judged(
                                            single.file(),
                                            single.name(),
                                            program.insns().getLast().next(),
                                            CaseKernel.verify(program),
                                            Judged.Engine.of(CaseEngine.verify(program)));
                                })
                        .toList();
        row("cases", all);
    }

    private List<Judged> objects(String name, Path directory) {
        List<Judged> all =
                Judged.objects(directory).stream()
                        .flatMap(file -> Judged.programs(file, true).stream())
                        .toList();
        row(name, all);
        return all;
    }

    private void compiled(String version) throws IOException, InterruptedException {
        for (String level : List.of("-O1", "-O2", "-Os")) {
            List<String> processors =
                    Integer.parseInt(version) >= 18 ? List.of("v3", "v4") : List.of("v3");
            for (String processor : processors) {
                Path directory = Files.createTempDirectory("corpus");
                ProcessBuilder build =
                        new ProcessBuilder(
                                Recorded.CORPUS.resolve("build.sh").toAbsolutePath().toString(),
                                directory.toString(),
                                level,
                                "-mcpu=" + processor);
                build.environment().put("CLANG", "clang-" + version);
                if (build.inheritIO().start().waitFor() != 0) {
                    System.err.println("clang-" + version + " " + level + ": not all compiles");
                }
                objects("corpus, clang " + version + " " + level + " " + processor, directory);
                try (Stream<Path> files = Files.walk(directory)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    private void row(String name, List<Judged> all) {
        judged.addAll(all);
        List<Judged> known = all.stream().filter(one -> one.kernel() != null).toList();
        List<Judged> accepted = known.stream().filter(one -> one.kernel().accepted()).toList();
        List<Judged> refused = known.stream().filter(one -> !one.kernel().accepted()).toList();
        long acceptedHere = accepted.stream().filter(Judged::agrees).count();
        long refusedHere = refused.stream().filter(Judged::agrees).count();
        long inItsWords = refused.stream().filter(one -> one.agrees() && one.saysTheSame()).count();
        table.append(
                "| %s | %,d of %,d | %,d | %s | %,d | %,d | %s |%n"
                        .formatted(
                                name,
                                known.size(),
                                all.size(),
                                accepted.size(),
                                share(acceptedHere, accepted.size()),
                                refused.size(),
                                refusedHere,
                                share(inItsWords, refusedHere)));
    }

    private static String share(long part, long whole) {
        return whole == 0 ? "0" : "%,d (%.1f %%)".formatted(part, 100.0 * part / whole);
    }

    /** Verification times of programs that take long, best of several rounds each. */
    private static String times(List<Judged> corpus) {
        StringBuilder out =
                new StringBuilder(
                        "| program | instructions | kernel, walked | kernel, µs | here, walked |"
                                + " here, µs | ratio | here, ns for each walked |\n"
                                + "|---|---|---|---|---|---|---|---|\n");
        double product = 0;
        int count = 0;
        for (Judged one : corpus) {
            if (one.kernel() == null
                    || !one.kernel().accepted()
                    || !one.engine().accepted()
                    || one.kernel().steps() < LARGE) {
                continue;
            }
            Path file = Recorded.CORPUS.resolve(one.object());
            long kernel = Long.MAX_VALUE;
            long here = Long.MAX_VALUE;
            var object = Programs.object(file);
            for (int i = 0; i < ROUNDS; i++) {
                kernel = Math.min(kernel, KernelVerifier.verify(file, one.program()).micros());
                here =
                        Math.min(
                                here,
                                Judged.engine(object, object.program(one.program())).micros());
            }
            double ratio = (double) here / Math.max(1, kernel);
            product += Math.log(ratio);
            count++;
            out.append(
                    "| %s | %,d | %,d | %,d | %,d | %,d | %.2f | %,d |%n"
                            .formatted(
                                    one.program(),
                                    one.insns(),
                                    one.kernel().steps(),
                                    kernel,
                                    one.engine().steps(),
                                    here,
                                    ratio,
                                    here * 1000 / one.engine().steps()));
        }
        return out
                + "\nGeometric mean of the ratios: %.2f over %d programs.\n"
                        .formatted(Math.exp(product / Math.max(1, count)), count);
    }
}
