package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A global variable of an object. Programs see at once what is set, and what they set is seen here.
 * What programs were loaded with {@code const} stays what it was for them.
 */
public final class BpfGlobal<T> {
    private final Value section;
    private final Layout.Member place;
    private final Form<T> form;

    BpfGlobal(BpfMap section, Layout.Member place, String name, Class<T> type, ByteOrder order) {
        this.section = BpfException.guarded(() -> section.value().getMember("bytes"));
        this.place = place;
        Codec codec = Codecs.of(place.type(), type, name);
        this.form = new Form.Single<>(codec, place.type().size(), order, type);
    }

    public T get() {
        return BpfException.guarded(
                () ->
                        form.read(
                                Bytes.of(
                                        section.invokeMember(
                                                "readAt",
                                                place.bitOffset() / 8,
                                                place.type().size()))));
    }

    public void set(T value) {
        ByteBuffer bytes = ByteBuffer.wrap(form.write(value));
        BpfException.guarded(() -> section.invokeMember("writeAt", place.bitOffset() / 8, bytes));
    }
}
