package org.trufflebpf.launcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;

/** The names that a head start takes from Truffle are those that Truffle has. */
class HeadStartTest {
    @SuppressWarnings("unused") // JUnit's
    private static final List<String> ANNOTATIONS = HeadStart.ANNOTATIONS;

    @ParameterizedTest
    @FieldSource("ANNOTATIONS")
    void makesAnnotationsThatAreAskedForAtRunTime(String name) throws ClassNotFoundException {
        Class<?> type = HeadStart.type(name);
        assertTrue(type.isAnnotation(), name);
        assertEquals(RetentionPolicy.RUNTIME, type.getAnnotation(Retention.class).value());
    }

    @Test
    void readsTheFieldsOfNodes() throws ClassNotFoundException {
        assertTrue(HeadStart.type(HeadStart.NODES).getDeclaredClasses().length > 20);
    }
}
