package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

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
        if (btf == null || typeId == 0) {
            return null;
        }
        for (int id = 1; id < btf.typeCount(); id++) {
            if (btf.kind(id) == BtfKind.DECL_TAG
                    && btf.type(id) instanceof BtfType.DeclTag tag
                    && tag.target() == typeId
                    && tag.name().startsWith(TAG)) {
                return tag.name().substring(TAG.length());
            }
        }
        return null;
    }
}
