package org.trufflebpf.map;

/**
 * Ends what a special field of a value keeps alive, when the value goes or is overwritten (kernel:
 * {@code bpf_obj_free_fields}): a timer is cancelled, a kptr released, a list emptied.
 */
@FunctionalInterface
public interface FieldReleaser {
    /** Leaves the field as if it had never been used. */
    void release(ValueFields.Field field, long address);

    /** For values whose fields own nothing. */
    FieldReleaser NONE = (field, address) -> {};
}
