package org.trufflebpf.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an image builder would refuse, or build and let fail later, found without one: our classes
 * call nothing that a closed world cannot answer, and can all be initialized while an image is
 * built.
 */
class ClosedWorldTest {
    private static final List<Path> CLASSES =
            List.of(Path.of("../language/target/classes"), Path.of("../launcher/target/classes"));

    private static final String PROPERTIES =
            "/META-INF/native-image/org.trufflebpf/ebpf-run/native-image.properties";

    /** Calls of methods that find classes, members, services or resources by name. */
    private static final Pattern OPEN_WORLD =
            Pattern.compile(
                    "java\\.lang\\.Class\\.(forName|newInstance|getResource.*"
                            + "|get(Declared)?(Field|Method|Constructor|RecordComponent)s?)"
                            + "|java\\.lang\\.ClassLoader\\..*"
                            + "|java\\.lang\\.Module\\.getResource.*"
                            + "|java\\.lang\\.reflect\\.(Proxy|Array|Method|Constructor)\\..*"
                            + "|java\\.lang\\.reflect\\.\\w+\\.setAccessible"
                            + "|java\\.lang\\.invoke\\.MethodHandles\\$Lookup\\.(find|define|un).*"
                            + "|java\\.util\\.ServiceLoader\\..*"
                            + "|java\\.util\\.ResourceBundle\\..*"
                            + "|java\\.io\\.Object(In|Out)putStream\\..*"
                            + "|java\\.lang\\.(System|Runtime)\\.load(Library)?"
                            + "|java\\.lang\\.foreign\\.Linker\\..*Handle");

    /** Those that we call all the same, with what makes them work. */
    private static final Map<String, String> ANSWERED =
            Map.of(
                    "org.trufflebpf.memory.RawMemory java.lang.Class.getDeclaredField",
                    "the builder knows theUnsafe",
                    "org.trufflebpf.memory.RawMemory java.lang.reflect.Field.setAccessible",
                    "the builder knows theUnsafe",
                    "org.trufflebpf.launcher.Version java.lang.Class.getResourceAsStream",
                    "-H:IncludeResources",
                    "org.trufflebpf.launcher.engine.HeadStart java.lang.Class.forName",
                    "does nothing in an image",
                    "org.trufflebpf.launcher.engine.HeadStart java.lang.Class.getDeclaredFields",
                    "does nothing in an image",
                    "org.trufflebpf.launcher.engine.HeadStart"
                            + " java.lang.reflect.Proxy.newProxyInstance",
                    "does nothing in an image",
                    "org.trufflebpf.memory.ForeignMemory$Allocator"
                            + " java.lang.foreign.Linker.downcallHandle",
                    "reachable with org.trufflebpf.memory=foreign only, whose image needs"
                            + " -H:+ForeignAPISupport");

    /** Bootstrap methods that the builder runs itself. */
    private static final Set<String> BOOTSTRAPS =
            Set.of(
                    "LambdaMetafactory.metafactory",
                    "LambdaMetafactory.altMetafactory",
                    "StringConcatFactory.makeConcatWithConstants",
                    "ObjectMethods.bootstrap",
                    "SwitchBootstraps.typeSwitch",
                    "SwitchBootstraps.enumSwitch");

    /** What no object in static state may be, as it would be the image builder's, not the run's. */
    private static final List<Class<?>> ALIVE =
            List.of(
                    Thread.class,
                    ThreadGroup.class,
                    java.util.concurrent.Executor.class,
                    java.util.Timer.class,
                    java.util.Random.class,
                    java.io.Closeable.class,
                    java.io.FileDescriptor.class,
                    java.time.Clock.class,
                    Process.class,
                    java.lang.ref.Cleaner.class,
                    org.graalvm.polyglot.Engine.class,
                    org.graalvm.polyglot.Context.class);

    /** Packages for Java programs that embed us: of no use to ebpf-run, so in no image. */
    private static final Pattern EMBEDDING =
            Pattern.compile("org[./]trufflebpf[./](api|junit)[./].*");

    private static final Map<String, ClassModel> MODELS = new HashMap<>();

    @BeforeAll
    static void readClasses() throws IOException {
        for (Path root : CLASSES) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                    ClassModel model = ClassFile.of().parse(file);
                    MODELS.put(model.thisClass().asInternalName().replace('/', '.'), model);
                }
            }
        }
        MODELS.keySet()
                .removeIf(name -> name.endsWith("-info") || EMBEDDING.matcher(name).matches());
        assertTrue(MODELS.size() > 300, "too few classes: " + MODELS.size());
    }

    @Test
    void embeddingPackagesAreOutOfReach() {
        Set<String> found = new TreeSet<>();
        for (Map.Entry<String, ClassModel> entry : MODELS.entrySet()) {
            for (PoolEntry constant : entry.getValue().constantPool()) {
                if (constant instanceof ClassEntry type
                        && EMBEDDING.matcher(type.asInternalName()).matches()) {
                    found.add(entry.getKey() + " " + type.asInternalName());
                }
            }
        }
        assertEquals(Set.of(), found);
    }

    @Test
    void nothingIsLookedUpByName() {
        Set<String> found = new TreeSet<>();
        for (Map.Entry<String, ClassModel> entry : MODELS.entrySet()) {
            for (MethodModel method : entry.getValue().methods()) {
                method.code()
                        .ifPresent(
                                code ->
                                        code.forEach(
                                                element -> {
                                                    if (element instanceof InvokeInstruction call) {
                                                        String target =
                                                                call.owner()
                                                                                .asInternalName()
                                                                                .replace('/', '.')
                                                                        + "."
                                                                        + call.name().stringValue();
                                                        if (OPEN_WORLD.matcher(target).matches()) {
                                                            found.add(
                                                                    entry.getKey() + " " + target);
                                                        }
                                                    }
                                                }));
            }
        }
        assertEquals(new TreeSet<>(ANSWERED.keySet()), found);
    }

    @Test
    void theBuilderKnowsEachBootstrapMethod() {
        Set<String> unknown = new TreeSet<>();
        for (Map.Entry<String, ClassModel> entry : MODELS.entrySet()) {
            for (MethodModel method : entry.getValue().methods()) {
                method.code()
                        .ifPresent(
                                code ->
                                        code.forEach(
                                                element -> {
                                                    if (element
                                                            instanceof
                                                            InvokeDynamicInstruction call) {
                                                        var handle = call.bootstrapMethod();
                                                        String name =
                                                                handle.owner().displayName()
                                                                        + "."
                                                                        + handle.methodName();
                                                        if (!BOOTSTRAPS.contains(name)) {
                                                            unknown.add(
                                                                    entry.getKey() + " " + name);
                                                        }
                                                    }
                                                }));
            }
        }
        assertEquals(Set.of(), unknown);
    }

    /**
     * Initializes all our classes, as the builder does, and walks through what their static fields
     * hold: nothing that is alive, and nothing of a class that is initialized at run time only.
     */
    @Test
    void staticStateCanBeBuiltIn() throws ReflectiveOperationException, IOException {
        List<String> builtIn = initializedAtBuildTime();
        List<String> wrong = new ArrayList<>();
        Deque<Map.Entry<String, Object>> work = new ArrayDeque<>();
        for (String name : MODELS.keySet()) {
            Class<?> type = Class.forName(name);
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    Object value = field.get(null);
                    if (value != null) {
                        work.add(Map.entry(name + "." + field.getName(), value));
                    }
                }
            }
        }
        assertTrue(work.size() > 300, "too few static fields: " + work.size());
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        while (!work.isEmpty()) {
            Map.Entry<String, Object> entry = work.remove();
            Object value = entry.getValue();
            Class<?> type = value.getClass();
            if (!seen.add(value)) {
                continue;
            }
            if (ALIVE.stream().anyMatch(alive -> alive.isInstance(value))) {
                wrong.add(entry.getKey() + " holds a " + type.getName());
                continue;
            }
            if (type.isArray()) {
                if (value instanceof Object[] elements) {
                    for (Object element : elements) {
                        if (element != null) {
                            work.add(Map.entry(entry.getKey() + "[]", element));
                        }
                    }
                }
                continue;
            }
            if (value instanceof Collection<?> elements && isOfTheJdk(type)) {
                for (Object element : elements) {
                    if (element != null) {
                        work.add(Map.entry(entry.getKey() + "[]", element));
                    }
                }
            } else if (value instanceof Map<?, ?> map && isOfTheJdk(type)) {
                for (Map.Entry<?, ?> pair : map.entrySet()) {
                    work.add(Map.entry(entry.getKey() + " key", pair.getKey()));
                    if (pair.getValue() != null) {
                        work.add(Map.entry(entry.getKey() + " value", pair.getValue()));
                    }
                }
            } else if (!isOfTheJdk(type)) {
                if (builtIn.stream().noneMatch(prefix -> type.getName().startsWith(prefix + "."))) {
                    wrong.add(entry.getKey() + " holds a " + type.getName());
                } else if (type.getName().startsWith("org.trufflebpf.")) {
                    addFields(entry.getKey(), value, work);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static void addFields(String path, Object value, Deque<Map.Entry<String, Object>> work)
            throws IllegalAccessException {
        for (Class<?> type = value.getClass();
                type.getName().startsWith("org.trufflebpf.");
                type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    Object held = field.get(value);
                    if (held != null) {
                        work.add(Map.entry(path + "." + field.getName(), held));
                    }
                }
            }
        }
    }

    private static boolean isOfTheJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader.equals(ClassLoader.getPlatformClassLoader());
    }

    /** Packages that our properties, or Truffle's own, name. */
    private static List<String> initializedAtBuildTime() throws IOException {
        List<String> packages =
                new ArrayList<>(List.of("com.oracle.truffle", "org.graalvm.polyglot"));
        for (String arg : arguments()) {
            if (arg.startsWith("--initialize-at-build-time=")) {
                packages.addAll(List.of(arg.substring(arg.indexOf('=') + 1).split(",")));
            }
        }
        return packages;
    }

    private static String[] arguments() throws IOException {
        Properties properties = new Properties();
        try (var stream = ClosedWorldTest.class.getResourceAsStream(PROPERTIES)) {
            properties.load(stream);
        }
        return properties.getProperty("Args").split(" +");
    }

    @Test
    void resourcesAreIncluded() throws IOException {
        String pattern = null;
        for (String arg : arguments()) {
            if (arg.startsWith("-H:IncludeResources=")) {
                pattern = arg.substring(arg.indexOf('=') + 1);
            }
        }
        assertTrue(
                Pattern.matches(pattern, "org/trufflebpf/launcher/revision.properties"), pattern);
    }

    @Test
    void theLanguageIsAService() throws IOException {
        Path service =
                CLASSES.getFirst()
                        .resolve(
                                "META-INF/services/com.oracle.truffle.api.provider"
                                        + ".TruffleLanguageProvider");
        assertEquals("org.trufflebpf.EbpfLanguageProvider", Files.readString(service).strip());
    }
}
