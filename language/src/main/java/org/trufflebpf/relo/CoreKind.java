package org.trufflebpf.relo;

/**
 * Kinds of CO-RE relocation ({@code enum bpf_core_relo_kind}), one row each, in the order of their
 * numbers.
 */
public enum CoreKind {
    FIELD_BYTE_OFFSET("byte_off", Subject.FIELD),
    FIELD_BYTE_SIZE("byte_sz", Subject.FIELD),
    FIELD_EXISTS("field_exists", Subject.FIELD),
    FIELD_SIGNED("signed", Subject.FIELD),
    FIELD_LSHIFT_U64("lshift_u64", Subject.FIELD),
    FIELD_RSHIFT_U64("rshift_u64", Subject.FIELD),
    TYPE_ID_LOCAL("local_type_id", Subject.TYPE),
    TYPE_ID_TARGET("target_type_id", Subject.TYPE),
    TYPE_EXISTS("type_exists", Subject.TYPE),
    TYPE_SIZE("type_size", Subject.TYPE),
    ENUMVAL_EXISTS("enumval_exists", Subject.ENUM_VALUE),
    ENUMVAL_VALUE("enumval_value", Subject.ENUM_VALUE),
    TYPE_MATCHES("type_matches", Subject.TYPE);

    /** What a relocation asks about. */
    enum Subject {
        FIELD,
        TYPE,
        ENUM_VALUE
    }

    private static final CoreKind[] ROWS = values();
    private final String label;
    private final Subject subject;

    CoreKind(String label, Subject subject) {
        this.label = label;
        this.subject = subject;
    }

    /** The name that libbpf prints. */
    public String label() {
        return label;
    }

    Subject subject() {
        return subject;
    }

    /** The row of a number, or {@code null}. */
    public static CoreKind of(int number) {
        return number >= 0 && number < ROWS.length ? ROWS[number] : null;
    }
}
