package org.trufflebpf.failure;

/**
 * The place in the input that an error speaks of. Every part may be missing.
 *
 * @param file the object's file name, or {@code null}
 * @param section the ELF section, or {@code null}
 * @param program the program or function, or {@code null}
 * @param insn the index of the instruction in 8-byte slots from the start of the program, or -1
 * @param source the C source line as {@code file.c:12: text}, or {@code null}
 */
public record Where(String file, String section, String program, int insn, String source) {
    public static final Where UNKNOWN = new Where(null, null, null, -1, null);

    public static Where file(String file) {
        return new Where(file, null, null, -1, null);
    }

    public Where inSection(String newSection) {
        return new Where(file, newSection, program, insn, source);
    }

    public Where inProgram(String newProgram) {
        return new Where(file, section, newProgram, insn, source);
    }

    public Where at(int newInsn, String newSource) {
        return new Where(file, section, program, newInsn, newSource);
    }

    /** Fills the parts that are missing here from {@code outer}. */
    public Where within(Where outer) {
        return new Where(
                file != null ? file : outer.file,
                section != null ? section : outer.section,
                program != null ? program : outer.program,
                insn >= 0 ? insn : outer.insn,
                source != null ? source : outer.source);
    }

    /**
     * The known parts in reading order, such as {@code x.o: section xdp: program f: insn 7 (x.c:12:
     * return *p;)}.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, "", file);
        append(text, "section ", section);
        append(text, "program ", program);
        append(text, "insn ", insn >= 0 ? Integer.toString(insn) : null);
        if (source != null) {
            text.append(" (").append(source).append(')');
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String label, String value) {
        if (value != null && !value.isEmpty()) {
            text.append(text.isEmpty() ? "" : ": ").append(label).append(value);
        }
    }
}
