import com.google.googlejavaformat.java.Main;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks or applies the format of every Java file of the project: {@code Format check|apply ROOT}.
 *
 * <p>google-java-format parses with the compiler of the JDK it runs on, so it has to run on the JDK
 * we compile for, while Maven may run on an older one. Hence this program, which the root pom.xml
 * starts on the toolchain's JDK, in place of a Maven plugin.
 */
final class Format {

    public static void main(String[] args) throws Exception {
        boolean check = args[0].equals("check");
        List<String> formatterArgs = new ArrayList<>(List.of("--aosp"));
        formatterArgs.addAll(
                check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
        formatterArgs.addAll(javaFiles(Path.of(args[1])));
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        int status = new Main(out, err, System.in).format(formatterArgs.toArray(String[]::new));
        if (check && status != 0) {
            err.println("The files above are not formatted. Run: mvn -q -N verify -Dformat=apply");
        }
        out.flush();
        err.flush();
        System.exit(status);
    }

    /** All Java files below {@code root} but for those that were generated or are hidden. */
    private static List<String> javaFiles(Path root) throws IOException {
        List<String> files = new ArrayList<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path dir, BasicFileAttributes attributes) {
                        String name = dir.getFileName().toString();
                        boolean skip =
                                name.equals("target") || name.startsWith(".") && !dir.equals(root);
                        return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.getFileName().toString().endsWith(".java")) {
                            files.add(file.toString());
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        files.sort(null);
        return files;
    }

    private Format() {}
}
