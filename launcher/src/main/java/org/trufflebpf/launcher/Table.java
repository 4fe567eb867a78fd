package org.trufflebpf.launcher;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns; numbers stand to the right. The last column is never padded. */
final class Table {
    private final String indent;
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    /**
     * @param headings one for each column; {@code >} in front sets the column to the right
     */
    Table(String indent, String... headings) {
        this.indent = indent;
        this.right = new boolean[headings.length];
        String[] titles = new String[headings.length];
        for (int i = 0; i < headings.length; i++) {
            right[i] = headings[i].startsWith(">");
            titles[i] = right[i] ? headings[i].substring(1) : headings[i];
        }
        rows.add(titles);
    }

    Table row(String... cells) {
        for (int i = 0; i < cells.length; i++) {
            cells[i] = Text.line(cells[i]);
        }
        rows.add(cells);
        return this;
    }

    @Override
    public String toString() {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            text.append(indent);
            for (int i = 0; i < row.length; i++) {
                String padding = " ".repeat(widths[i] - row[i].length());
                text.append(right[i] ? padding + row[i] : row[i]);
                if (i < row.length - 1) {
                    text.append(right[i] ? "" : padding).append("  ");
                }
            }
            while (text.charAt(text.length() - 1) == ' ') {
                text.setLength(text.length() - 1);
            }
            text.append('\n');
        }
        return text.toString();
    }
}
