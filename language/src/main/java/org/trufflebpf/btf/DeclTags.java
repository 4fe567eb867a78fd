package org.trufflebpf.btf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The {@code btf_decl_tag}s of the types of a BTF, by what they are attached to. */
public final class DeclTags {
    /** In place of a component: the tag is that of the type itself. */
    public static final int WHOLE = -1;

    private final Map<Long, List<String>> tags = new HashMap<>();

    DeclTags(Btf btf) {
        for (int id = 1; id < btf.typeCount(); id++) {
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
    public List<String> values(int type, int component, String prefix) {
        return tags.getOrDefault(key(type, component), List.of()).stream()
                .filter(tag -> tag.startsWith(prefix))
                .map(tag -> tag.substring(prefix.length()))
                .toList();
    }
}
