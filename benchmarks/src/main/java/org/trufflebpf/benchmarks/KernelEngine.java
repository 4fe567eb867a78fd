package org.trufflebpf.benchmarks;

import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelEvents;
import org.trufflebpf.kernel.KernelObject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The kernel's JIT, by {@code BPF_PROG_TEST_RUN}, whose own loop is part of every figure. */
final class KernelEngine implements Engine {
    @Override
    public String name() {
        return "kernel";
    }

    @Override
    public String refusal() {
        return KernelObject.refusal();
    }

    @Override
    public Loaded load(String name, byte[] object, MapContents contents) throws IOException {
        Path file = Files.createTempFile(name, ".o");
        KernelObject opened;
        try {
            Files.write(file, object);
            opened = KernelObject.open(file, KernelObject.Options.NONE).load();
        } finally {
            Files.delete(file);
        }
        Map<String, Integer> descriptors = new HashMap<>();
        contents.fill(
                (map, key, value) ->
                        KernelBpf.mapUpdate(
                                descriptors.computeIfAbsent(map, opened::map),
                                key,
                                percpu(map, value),
                                0));
        List<KernelEvents> events = new ArrayList<>();
        for (KernelObject.MapSpec map : opened.mapSpecs()) {
            if (map.type().equals("ringbuf")) {
                events.add(KernelEvents.open(opened.map(map.name()), 0));
            } else if (map.type().equals("perf_event_array")) {
                // the thread may run on any of them
                for (int cpu = 0; cpu < KernelBpf.possibleCpus(); cpu++) {
                    events.add(KernelEvents.open(opened.map(map.name()), cpu));
                }
            }
        }
        return new Loaded() {
            @Override
            public Runner runner(String program, byte[] data, int cpu) {
                return new KernelRunner(opened.program(program), data, events);
            }

            @Override
            public void close() {
                events.forEach(KernelEvents::close);
                opened.close();
            }
        };
    }

    private static byte[] percpu(String map, byte[] value) {
        return map.equals("m_pchash") ? new byte[8 * KernelBpf.possibleCpus()] : value;
    }

    private record KernelRunner(int fd, byte[] data, List<KernelEvents> events) implements Runner {
        @Override
        public Outcome once() {
            KernelBpf.TestRun run = KernelBpf.testRun(fd, data, null, 1, 0, 0);
            return new Outcome(run.retval(), run.dataOut());
        }

        @Override
        public void repeat(int times) {
            var _ = KernelBpf.testRun(fd, data, null, times, 0, 0);
        }

        @Override
        public void drain() {
            events.forEach(KernelEvents::skip);
        }
    }
}
