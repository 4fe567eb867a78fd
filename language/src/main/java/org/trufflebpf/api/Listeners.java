package org.trufflebpf.api;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who wants to hear of the records that programs of an object send to user space. Thread-safe. */
final class Listeners {
    private final Map<String, List<Consumer<BpfEvent>>> byMap = new ConcurrentHashMap<>();

    void add(String map, Consumer<BpfEvent> listener) {
        byMap.computeIfAbsent(map, name -> new CopyOnWriteArrayList<>()).add(listener);
    }

    /** On the thread that ran the program. */
    void deliver(List<BpfEvent> events) {
        for (BpfEvent event : events) {
            byMap.getOrDefault(event.map(), List.of()).forEach(each -> each.accept(event));
        }
    }
}
