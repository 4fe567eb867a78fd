package org.trufflebpf.object;

/**
 * Where an instruction comes from ({@code .BTF.ext} line_info).
 *
 * @param insn index of the first instruction it holds for, in slots of the linked program
 * @param file source file name as recorded by the compiler
 * @param line text of the source line, possibly empty
 * @param lineNumber 1-based
 * @param column 1-based, 0 if unknown
 */
public record LineInfo(int insn, String file, String line, int lineNumber, int column) {
    /** {@code file.c:12: text}, the file without its directories. */
    public String describe() {
        String name = file.substring(file.lastIndexOf('/') + 1);
        return name + ":" + lineNumber + ": " + line.strip();
    }
}
