import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Says in one line what is missing where a native image cannot be built. */
final class FindNativeImage {
    public static void main(String[] args) {
        for (String variable : List.of("GRAALVM_HOME", "JAVA_HOME")) {
            String home = System.getenv(variable);
            if (home != null) {
                Path bin = Path.of(home, "bin");
                if (Files.exists(bin.resolve("native-image"))
                        || Files.exists(bin.resolve("native-image.cmd"))) {
                    return;
                }
            }
        }
        System.err.println(
                "a native image needs a GraalVM JDK 25 (https://www.graalvm.org/downloads):"
                        + " set GRAALVM_HOME or JAVA_HOME to one that has bin/native-image");
        System.exit(1);
    }

    private FindNativeImage() {}
}
