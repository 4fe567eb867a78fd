package org.trufflebpf.tck;

import static org.junit.Assert.assertTrue;

import org.graalvm.polyglot.Engine;
import org.junit.Test;

/** The TCK speaks to languages by their id alone: an engine must find this one. */
public class LanguageFoundTest {

    @Test
    public void engineFindsTheLanguage() {
        try (Engine engine = Engine.create()) {
            assertTrue(engine.getLanguages().toString(), engine.getLanguages().containsKey("ebpf"));
        }
    }
}
