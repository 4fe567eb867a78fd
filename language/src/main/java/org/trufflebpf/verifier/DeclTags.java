package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The {@code btf_decl_tag}s of an object's types, by what they are attached to. */
final class DeclTags {
    /** In place of a component: the tag is that of the type itself. */
    static final int WHOLE = -1;

    private final Map<Long, List<String>> tags = new HashMap<>();

    DeclTags(Btf btf) {
        int count = btf == null ? 0 : btf.typeCount();
        for (int id = 1; id < count; id++) {
            if (btf.kind(id) == BtfKind.DECL_TAG && btf.type(id) instanceof BtfType.DeclTag tag) {
                tags.computeIfAbsent(key(tag.target(), tag.component()), k -> new ArrayList<>())
                        .add(tag.name());
            }
        }
    }

    private static long key(int type, int component) {
        return ((long) type << 32) | (component & 0xffff_ffffL);
    }

    /** What stands behind a prefix in the tags of a member, parameter or type. */
    List<String> values(int type, int component, String prefix) {
        return tags.getOrDefault(key(type, component), List.of()).stream()
                .filter(tag -> tag.startsWith(prefix))
                .map(tag -> tag.substring(prefix.length()))
                .toList();
    }
}
