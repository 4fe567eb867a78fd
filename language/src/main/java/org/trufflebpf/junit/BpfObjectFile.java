package org.trufflebpf.junit;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The BPF object that tests are about; each test gets it newly opened, with maps and globals as the
 * file has them.
 *
 * <pre>{@code
 * @BpfObjectFile("xdp_counter.o")
 * class CounterTest {
 *     @Test
 *     void countsTcp(BpfProgram count, Map<Protocol, Counter> counters) {
 *         assertEquals("XDP_PASS", count.run(TCP_PACKET).name());
 *         assertEquals(new Counter(1, 60), counters.get(Protocol.TCP));
 *     }
 * }
 * }</pre>
 *
 * <p>Test methods, and those called before and after each, may have parameters of these types:
 * {@link org.trufflebpf.api.BpfObject}; {@link org.trufflebpf.api.BpfProgram}; {@link
 * org.trufflebpf.api.BpfMap}; {@link java.util.Map} for a map's entries, of per-CPU maps with a
 * {@link java.util.List} of values; {@link java.util.Queue} for a queue or stack; {@link
 * org.trufflebpf.api.BpfGlobal} for a global variable. The parameter's name is that of the program,
 * map or variable, if the tests are compiled with {@code -parameters}; {@link BpfName} names it
 * otherwise.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(BpfExtension.class)
public @interface BpfObjectFile {
    /**
     * The object file: a resource beside the test's class, else from the root of the class path,
     * else a file in the working directory.
     */
    String value();

    /** Options of the language for the machine, such as {@code "ebpf.Cpus=4"}. */
    String[] options() default {};
}
