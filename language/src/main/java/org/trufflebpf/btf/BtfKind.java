package org.trufflebpf.btf;

import java.util.Locale;

/**
 * Kinds of BTF types ({@code BTF_KIND_*} of {@code linux/btf.h}), one row each, in the order of
 * their numbers.
 */
public enum BtfKind {
    UNKN(0, 0),
    INT(1, 0),
    PTR(0, 0),
    ARRAY(3, 0),
    STRUCT(0, 3),
    UNION(0, 3),
    ENUM(0, 2),
    FWD(0, 0),
    TYPEDEF(0, 0),
    VOLATILE(0, 0),
    CONST(0, 0),
    RESTRICT(0, 0),
    FUNC(0, 0),
    FUNC_PROTO(0, 2),
    VAR(1, 0),
    DATASEC(0, 3),
    FLOAT(0, 0),
    DECL_TAG(1, 0),
    TYPE_TAG(0, 0),
    ENUM64(0, 3);

    private static final BtfKind[] ROWS = values();

    /** The highest number. */
    static final int LAST = ROWS.length - 1;

    private final int fixedWords;
    private final int wordsPerEntry;

    BtfKind(int fixedWords, int wordsPerEntry) {
        this.fixedWords = fixedWords;
        this.wordsPerEntry = wordsPerEntry;
    }

    /** The kind of a number, or {@code null}; 0 stands for void only and never in a file. */
    public static BtfKind of(int number) {
        return number > 0 && number < ROWS.length ? ROWS[number] : null;
    }

    /** 32-bit words that follow the common three, for {@code vlen} entries. */
    int extraWords(int vlen) {
        return fixedWords + wordsPerEntry * vlen;
    }

    /** 32-bit words of one of the {@code vlen} entries, 0 where a record has none. */
    public int wordsPerEntry() {
        return wordsPerEntry;
    }

    /** The third word of a record is the number of a type; else it is a size, or unused. */
    public boolean refersToType() {
        return switch (this) {
            case PTR,
                    TYPEDEF,
                    VOLATILE,
                    CONST,
                    RESTRICT,
                    FUNC,
                    FUNC_PROTO,
                    VAR,
                    DECL_TAG,
                    TYPE_TAG ->
                    true;
            default -> false;
        };
    }

    /** The name that libbpf prints. */
    public String label() {
        return this == UNKN ? "unknown" : name().toLowerCase(Locale.ROOT);
    }

    public boolean isModifier() {
        return this == VOLATILE || this == CONST || this == RESTRICT || this == TYPE_TAG;
    }

    public boolean isComposite() {
        return this == STRUCT || this == UNION;
    }

    public boolean isEnum() {
        return this == ENUM || this == ENUM64;
    }
}
