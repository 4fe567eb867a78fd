package org.trufflebpf.btf;

/** A parsed BTF: types by id. */
public final class Btf {
    private Btf() {}
}
