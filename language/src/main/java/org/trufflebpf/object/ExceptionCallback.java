package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.DeclTags;

import java.util.List;

/**
 * The function to which a program gives what {@code bpf_throw} throws. No instruction refers to it:
 * the program's declaration tag {@code exception_callback:NAME} does.
 */
public final class ExceptionCallback {
    private static final String TAG = "exception_callback:";

    private ExceptionCallback() {}

    /**
     * Its name.
     *
     * @param typeId of the program's FUNC, or 0
     * @return {@code null} for none
     */
    public static String name(Btf btf, int typeId) {
        List<String> names = names(btf, typeId);
        return names.isEmpty() ? null : names.getFirst();
    }

    /** All names that the program's tags give. */
    public static List<String> names(Btf btf, int typeId) {
        return btf == null || typeId == 0
                ? List.of()
                : btf.tags().values(typeId, DeclTags.WHOLE, TAG);
    }
}
