package org.trufflebpf;

/**
 * The options that decide what code a program becomes; contexts of one engine share code if these
 * are equal.
 *
 * @param programType libbpf's name of the type that replaces the section's, or empty
 * @param attachType name of the expected attach type that replaces the section's, or empty
 * @param targetBtf path of the target BTF, or empty
 * @param link paths of further objects, with commas between
 * @param traceInsns instructions report themselves
 * @param conformance the helpers are those of the conformance suite
 * @param verify programs are verified when they are loaded
 * @param verifierLog level of the verifier's log, 0 for none
 */
public record CodeOptions(
        String programType,
        String attachType,
        String targetBtf,
        String link,
        boolean traceInsns,
        boolean conformance,
        boolean verify,
        int verifierLog) {}
