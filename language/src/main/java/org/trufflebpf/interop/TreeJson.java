package org.trufflebpf.interop;

import java.util.List;
import java.util.Map;

/** Writes a tree of {@link org.trufflebpf.btf.value.TypedFormat} as JSON (RFC 8259). */
final class TreeJson {
    private TreeJson() {}

    static void append(StringBuilder json, Object tree) {
        switch (tree) {
            case Map<?, ?> map -> {
                char separator = '{';
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    json.append(separator);
                    quote(json, entry.getKey().toString());
                    json.append(':');
                    append(json, entry.getValue());
                    separator = ',';
                }
                json.append(map.isEmpty() ? "{}" : "}");
            }
            case List<?> list -> {
                char separator = '[';
                for (Object element : list) {
                    json.append(separator);
                    append(json, element);
                    separator = ',';
                }
                json.append(list.isEmpty() ? "[]" : "]");
            }
            // JSON has no such numbers
            case Double number when !Double.isFinite(number) -> quote(json, number.toString());
            case Number number -> json.append(number);
            case Boolean flag -> json.append(flag);
            case null -> json.append("null");
            default -> quote(json, tree.toString());
        }
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
