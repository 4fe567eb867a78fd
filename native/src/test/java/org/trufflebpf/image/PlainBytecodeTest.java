package org.trufflebpf.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** What the distribution does to classes, build-tools/PlainBytecode.java, changes no result. */
class PlainBytecodeTest {
    private static final String[] NAMES = {"", "$Shape", "$Every", "$Empty"};

    @TempDir private static Path tools;
    private static BuildTool tool;

    @BeforeAll
    static void compileTheTool() throws ReflectiveOperationException, IOException {
        tool = new BuildTool("PlainBytecode", tools);
    }

    @Test
    void recordsAndSwitchesGiveTheSame() throws Exception {
        Map<String, byte[]> classes = new HashMap<>();
        for (String name : NAMES) {
            String full = PlainBytecodeSample.class.getName() + name;
            classes.put(full, rewritten(full));
        }
        ClassLoader loader =
                new ClassLoader(getClass().getClassLoader()) {
                    @Override
                    protected Class<?> loadClass(String name, boolean resolve)
                            throws ClassNotFoundException {
                        byte[] bytes = classes.remove(name);
                        return bytes == null
                                ? super.loadClass(name, resolve)
                                : defineClass(name, bytes, 0, bytes.length);
                    }
                };
        Method probe =
                loader.loadClass(PlainBytecodeSample.class.getName())
                        .getDeclaredMethod("probe", long.class);
        probe.setAccessible(true);
        for (long seed = 1; seed <= 5; seed++) {
            assertEquals(PlainBytecodeSample.probe(seed), probe.invoke(null, seed), "seed " + seed);
        }
    }

    @Test
    void nothingThatTheVirtualMachineMakesAtRunTimeIsLeft() throws Exception {
        TreeSet<String> made = new TreeSet<>();
        for (String name : NAMES) {
            ClassModel model =
                    ClassFile.of().parse(rewritten(PlainBytecodeSample.class.getName() + name));
            for (MethodModel method : model.methods()) {
                for (CodeElement element : method.code().orElseThrow()) {
                    if (element instanceof InvokeDynamicInstruction site) {
                        made.add(site.name().stringValue());
                    }
                }
            }
        }
        // Texts of records stay: nothing that starts asks for them.
        assertFalse(made.contains("equals") || made.contains("hashCode"), made::toString);
        assertFalse(made.contains("typeSwitch"), made::toString);
    }

    @Test
    void otherClassesStayAsTheyAre() throws Exception {
        byte[] bytes = bytes(getClass().getName());
        assertSame(bytes, tool.rewritten(bytes));
    }

    private static byte[] rewritten(String name) throws Exception {
        return tool.rewritten(bytes(name));
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in =
                PlainBytecodeTest.class.getResourceAsStream(
                        "/" + name.replace('.', '/') + ".class")) {
            return in.readAllBytes();
        }
    }
}
