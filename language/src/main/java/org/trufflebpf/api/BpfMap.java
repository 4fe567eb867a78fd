package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * A map of an object. What it holds is seen through views, whose Java types are checked against the
 * types that the object's BTF gives when the view is made (which may be seen as which is told by
 * {@code docs/java.md}); {@code byte[]} does without BTF. A view shows at once what programs do;
 * keys and values that it gives are copies.
 */
public final class BpfMap {
    private final Value map;
    private final BpfObject object;

    BpfMap(Value map, BpfObject object) {
        this.map = map;
        this.object = object;
    }

    public String name() {
        return map.getMember("name").asString();
    }

    /** The type's name, such as {@code lru_hash}. */
    public String type() {
        return map.getMember("type").asString();
    }

    /** Bytes of a key. */
    public int keySize() {
        return map.getMember("keySize").asInt();
    }

    /** Bytes of a value. */
    public int valueSize() {
        return map.getMember("valueSize").asInt();
    }

    public long maxEntries() {
        return map.getMember("maxEntries").asLong();
    }

    /**
     * The entries of a hash, LRU hash, LPM trie or array.
     *
     * <p>{@code put} is {@code BPF_ANY}, {@code putIfAbsent} {@code BPF_NOEXIST} and {@code
     * replace} {@code BPF_EXIST}, each one step for programs and other threads; {@code get} of an
     * LPM trie finds the longest prefix that matches. What the kernel refuses is a {@link
     * BpfException} with its errno, such as {@code E2BIG} of a full map. {@code size} walks over
     * the map.
     */
    public <K, V> Map<K, V> view(Class<K> key, Class<V> value) {
        needKeys();
        if (isPerCpu()) {
            throw BpfException.usage(
                    this + " has a value for each CPU: use perCpuView(key, value)");
        }
        return view(key, valueForm(value));
    }

    /** As {@link #view}, of a per-CPU map: with a list of the values of all CPUs. */
    public <K, V> Map<K, List<V>> perCpuView(Class<K> key, Class<V> value) {
        needKeys();
        if (!isPerCpu()) {
            throw BpfException.usage(this + " has one value for each key: use view(key, value)");
        }
        return view(key, new Form.PerCpu<>(valueForm(value), valueSize()));
    }

    private void needKeys() {
        if (keySize() == 0) {
            throw BpfException.usage(this + " has no keys" + (isQueue() ? ": use queue" : ""));
        }
    }

    private <K, V> Map<K, V> view(Class<K> key, Form<V> values) {
        Layout layout = Layout.of(map.getMember("keyType"), keySize());
        Codec codec = Codecs.of(layout, key, "key of map " + name());
        return new BpfMapView<>(
                raw(), key, new Form.Single<>(codec, keySize(), object.order(), key), values);
    }

    /**
     * The values of a queue or stack: {@code offer} pushes, unless the map is full, {@code poll}
     * pops, {@code peek} looks at the value that would be popped.
     */
    public <V> Queue<V> queue(Class<V> value) {
        if (!isQueue()) {
            throw BpfException.usage(this + " is neither a queue nor a stack");
        }
        return new BpfQueue<>(this, raw(), valueForm(value));
    }

    /** The values in a queue or stack, in the order in which they would be popped. */
    <V> List<V> values(Form<V> form) {
        Value entries = BpfException.guarded(() -> map.invokeMember("entries"));
        return LongStream.range(0, entries.getArraySize())
                .mapToObj(i -> form.read(Bytes.of(entries.getArrayElement(i).getMember("value"))))
                .toList();
    }

    /**
     * Calls a listener for each record that a program sends through this ring buffer or perf event
     * array: when the run is over, in order, on the thread that ran the program.
     */
    public void onEvent(Consumer<BpfEvent> listener) {
        if (!isBuffer()) {
            throw BpfException.usage(this + " is neither a ring buffer nor a perf event array");
        }
        object.listeners().add(name(), listener);
    }

    /**
     * As {@link #onEvent(Consumer)}, with records of a C type.
     *
     * @param typeName name of the struct, which the object's BTF has to know: a ring buffer does
     *     not tell the type of its records
     */
    public <T> void onEvent(Class<T> type, String typeName, Consumer<T> listener) {
        Form<T> form = object.form(type, typeName);
        onEvent(event -> listener.accept(form.read(event.data())));
    }

    private boolean isPerCpu() {
        return map.getMember("perCpu").asBoolean();
    }

    private boolean isQueue() {
        return type().equals("queue") || type().equals("stack");
    }

    /** Whether programs send records through it. */
    boolean isBuffer() {
        return type().equals("ringbuf") || type().equals("perf_event_array");
    }

    /** Bytes of a value as {@code bpf()} has it: of a per-CPU map those of all CPUs. */
    int valueBytes() {
        return map.getMember("bytes").getMember("valueSize").asInt();
    }

    RawMap raw() {
        return new RawMap(BpfException.guarded(() -> map.getMember("bytes")));
    }

    private <V> Form<V> valueForm(Class<V> type) {
        Layout layout = Layout.of(map.getMember("valueType"), valueSize());
        Codec codec = Codecs.of(layout, type, "value of map " + name());
        return new Form.Single<>(codec, valueSize(), object.order(), type);
    }

    /** The polyglot value, for what this class does not offer. */
    public Value value() {
        return map;
    }

    @Override
    public String toString() {
        return "map " + name() + " (" + type() + ")";
    }
}
