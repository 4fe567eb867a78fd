package org.trufflebpf.runtime;

/**
 * What a run wrote for user space to read as text; {@code null} where it wrote nothing.
 *
 * @param file to the file of an iterator
 * @param stdout to its stream {@code BPF_STDOUT}
 * @param stderr to its stream {@code BPF_STDERR}
 */
@SuppressWarnings("ArrayRecordComponent")
public record Printed(byte[] file, byte[] stdout, byte[] stderr) {
    /** Nothing at all. */
    public static final Printed NOTHING = new Printed(null, null, null);
}
