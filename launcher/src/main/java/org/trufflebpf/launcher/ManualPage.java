package org.trufflebpf.launcher;

import java.util.Locale;

/** The {@link Option} rows as a manual page, in the macros of man(7). */
final class ManualPage {
    private final StringBuilder text = new StringBuilder();

    private ManualPage() {}

    static String text(String version) {
        ManualPage page = new ManualPage();
        page.line(".TH EBPF-RUN 1 \"\" \"ebpf-run " + escaped(version) + "\"");
        page.line(".SH NAME");
        page.line("ebpf\\-run \\- run programs of BPF object files in user space");
        page.line(".SH SYNOPSIS");
        page.line(".B ebpf\\-run");
        page.line("[options] prog.o [program]");
        page.line(".br");
        page.line(".B ebpf\\-run");
        page.line("[options] \\-\\-batch FILE");
        page.line(".SH DESCRIPTION");
        page.paragraph(Help.DESCRIPTION);
        for (Option.Group group : Option.Group.values()) {
            page.line(".SH " + group.heading().toUpperCase(Locale.ROOT));
            for (Option option : Option.values()) {
                if (option.group() == group) {
                    page.option(option);
                }
            }
        }
        page.line(".SH EXAMPLES AND EXIT STATUS");
        page.line(".nf");
        for (String line : Help.EXAMPLES) {
            page.paragraph(line);
        }
        page.line(".fi");
        page.line(".SH ENVIRONMENT");
        page.line(".TP");
        page.line(".B EBPF_RUN_JAVA_OPTS");
        page.paragraph("Further options for the Java virtual machine, such as -Xmx4g.");
        page.line(".TP");
        page.line(".B NO_COLOR");
        page.paragraph("Where it is set, nothing is coloured.");
        return page.text.toString();
    }

    private void option(Option option) {
        line(".TP");
        StringBuilder names = new StringBuilder(".B ");
        names.append(escaped(String.join(", ", option.names())));
        if (option.parameter() != null) {
            names.append(" \\fI").append(escaped(option.parameter())).append("\\fR");
        }
        line(names.toString());
        paragraph(option.help());
    }

    /** Text that may begin with a dot or a quote, which would be a request. */
    private void paragraph(String words) {
        line((words.startsWith(".") || words.startsWith("'") ? "\\&" : "") + escaped(words));
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private static String escaped(String words) {
        return words.replace("\\", "\\e").replace("-", "\\-");
    }
}
