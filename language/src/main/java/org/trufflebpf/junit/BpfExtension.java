package org.trufflebpf.junit;

import org.graalvm.polyglot.Engine;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.trufflebpf.api.BpfException;
import org.trufflebpf.api.BpfGlobal;
import org.trufflebpf.api.BpfMap;
import org.trufflebpf.api.BpfObject;
import org.trufflebpf.api.BpfProgram;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Opens the object of {@link BpfObjectFile} when a test first asks for a part of it, and closes it
 * after the test. The objects of all tests are opened on one engine, so that code is parsed and
 * compiled once.
 */
final class BpfExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(BpfExtension.class);
    private static final Set<Class<?>> TYPES =
            Set.of(
                    BpfObject.class,
                    BpfProgram.class,
                    BpfMap.class,
                    BpfGlobal.class,
                    Map.class,
                    Queue.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return TYPES.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (context.getTestMethod().isEmpty()) {
            throw new ParameterResolutionException(
                    "a BPF object lives as long as one test: let test methods, or methods called"
                            + " before each, ask for it");
        }
        try {
            return part(object(context), parameter);
        } catch (BpfException e) {
            throw new ParameterResolutionException(e.getMessage(), e);
        }
    }

    private static Object part(BpfObject object, ParameterContext context) {
        Parameter parameter = context.getParameter();
        Class<?> type = parameter.getType();
        if (type == BpfObject.class) {
            return object;
        }
        String name = name(context);
        if (type == BpfProgram.class) {
            return object.program(name);
        }
        if (type == BpfMap.class) {
            return object.map(name);
        }
        if (type == BpfGlobal.class) {
            return object.global(name, argument(parameter, 0));
        }
        if (type == Queue.class) {
            return object.map(name).queue(argument(parameter, 0));
        }
        return arguments(parameter)[1] instanceof ParameterizedType values
                        && values.getRawType() == List.class
                ? object.map(name)
                        .perCpuView(
                                argument(parameter, 0),
                                classOf(values.getActualTypeArguments()[0], parameter))
                : object.map(name).view(argument(parameter, 0), argument(parameter, 1));
    }

    private static String name(ParameterContext context) {
        Optional<BpfName> given = context.findAnnotation(BpfName.class);
        if (given.isPresent()) {
            return given.get().value();
        }
        if (!context.getParameter().isNamePresent()) {
            throw new ParameterResolutionException(
                    "which one is "
                            + context.getParameter()
                            + "? Compile the tests with -parameters, or say @BpfName");
        }
        return context.getParameter().getName();
    }

    private static Type[] arguments(Parameter parameter) {
        if (parameter.getParameterizedType() instanceof ParameterizedType generic) {
            return generic.getActualTypeArguments();
        }
        throw new ParameterResolutionException(
                "the types of keys and values are missing: " + parameter);
    }

    private static Class<?> argument(Parameter parameter, int index) {
        return classOf(arguments(parameter)[index], parameter);
    }

    private static Class<?> classOf(Type type, Parameter parameter) {
        if (type instanceof Class<?> known) {
            return known;
        }
        throw new ParameterResolutionException(
                "cannot see BPF values as " + type.getTypeName() + ": " + parameter);
    }

    // ---- the object of a test

    private static BpfObject object(ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        BpfObject object = store.get(BpfObject.class, BpfObject.class);
        if (object == null) {
            object = open(annotation(context), context);
            store.put(BpfObject.class, object);
        }
        return object;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        BpfObject object = context.getStore(NAMESPACE).remove(BpfObject.class, BpfObject.class);
        if (object != null) {
            object.close();
        }
    }

    /** That of the method, else of its class, else of a class around it. */
    private static BpfObjectFile annotation(ExtensionContext context) {
        BpfObjectFile onMethod = context.getRequiredTestMethod().getAnnotation(BpfObjectFile.class);
        if (onMethod != null) {
            return onMethod;
        }
        for (Class<?> at = context.getRequiredTestClass();
                at != null;
                at = at.getEnclosingClass()) {
            BpfObjectFile onClass = at.getAnnotation(BpfObjectFile.class);
            if (onClass != null) {
                return onClass;
            }
        }
        throw new ExtensionConfigurationException("@BpfObjectFile is missing");
    }

    private static BpfObject open(BpfObjectFile file, ExtensionContext context) {
        BpfObject.Builder builder =
                BpfObject.builder(
                                Path.of(file.value()).getFileName().toString(),
                                bytes(file.value(), context.getRequiredTestClass()))
                        .engine(engine(context));
        for (String option : file.options()) {
            int equals = option.indexOf('=');
            if (equals < 0) {
                throw new ExtensionConfigurationException(
                        "an option is NAME=VALUE, not '" + option + "'");
            }
            builder.option(option.substring(0, equals), option.substring(equals + 1));
        }
        return builder.open();
    }

    private static byte[] bytes(String name, Class<?> test) {
        try (InputStream beside = test.getResourceAsStream(name);
                InputStream root = test.getResourceAsStream("/" + name)) {
            if (beside != null) {
                return beside.readAllBytes();
            }
            if (root != null) {
                return root.readAllBytes();
            }
            Path path = Path.of(name);
            if (!Files.exists(path)) {
                throw new ExtensionConfigurationException(
                        "there is no "
                                + name
                                + ": neither beside "
                                + test.getName()
                                + " nor on the class path nor as a file in "
                                + Path.of("").toAbsolutePath());
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Engine engine(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        Engine.class,
                        key ->
                                Engine.newBuilder()
                                        .option("engine.WarnInterpreterOnly", "false")
                                        .build(),
                        Engine.class);
    }
}
