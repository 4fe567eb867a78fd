package org.trufflebpf.api;

import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.ByteOrder;
import java.util.stream.Stream;

/** A struct or union as a record whose components have the names of members. */
final class RecordCodec implements Codec {
    private final Constructor<?> constructor;
    private final Component[] components;

    /** A component and the member that it is. */
    private record Component(String name, Method accessor, Layout.Member member, Codec codec) {}

    RecordCodec(Layout.Composite composite, Class<?> type, String path) {
        RecordComponent[] declared = type.getRecordComponents();
        if (composite.union() && declared.length != 1) {
            throw BpfException.usage(
                    path
                            + " is "
                            + composite.name()
                            + ": the record "
                            + type.getSimpleName()
                            + " must have one component, for the member that is meant");
        }
        try {
            constructor =
                    type.getDeclaredConstructor(
                            Stream.of(declared)
                                    .map(RecordComponent::getType)
                                    .toArray(Class<?>[]::new));
            constructor.setAccessible(true);
        } catch (NoSuchMethodException e) {
            throw new AssertionError("a record has its canonical constructor", e);
        } catch (InaccessibleObjectException e) {
            throw BpfException.usage(
                    "the record "
                            + type.getName()
                            + " is not accessible: open its package to the module org.trufflebpf");
        }
        components =
                Stream.of(declared)
                        .map(component -> component(composite, component, path))
                        .toArray(Component[]::new);
    }

    private static Component component(
            Layout.Composite composite, RecordComponent component, String path) {
        String name = component.getName();
        Layout.Member member = composite.members().get(name);
        if (member == null) {
            throw BpfException.usage(
                    path
                            + ": "
                            + composite.name()
                            + " has no member "
                            + name
                            + "; it has "
                            + String.join(", ", composite.members().keySet()));
        }
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        Codec codec = Codecs.of(member.type(), component.getGenericType(), path + "." + name);
        return new Component(name, accessor, member, codec);
    }

    @Override
    public Object read(byte[] bytes, long bit, int width, ByteOrder order) {
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            Layout.Member member = components[i].member();
            values[i] =
                    components[i]
                            .codec()
                            .read(bytes, bit + member.bitOffset(), member.bitSize(), order);
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw thrown(e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the constructor was made accessible", e);
        }
    }

    @Override
    public void write(byte[] bytes, long bit, int width, ByteOrder order, Object value) {
        for (Component component : components) {
            Object part;
            try {
                part = component.accessor().invoke(value);
            } catch (InvocationTargetException e) {
                throw thrown(e);
            } catch (IllegalAccessException e) {
                throw new AssertionError("the accessor was made accessible", e);
            }
            Layout.Member member = component.member();
            component.codec().write(bytes, bit + member.bitOffset(), member.bitSize(), order, part);
        }
    }

    /** What the record's own code threw. */
    private static RuntimeException thrown(InvocationTargetException e) {
        return e.getCause() instanceof RuntimeException cause
                ? cause
                : new IllegalStateException(e.getCause());
    }
}
