package org.trufflebpf.benchmarks;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tables as Markdown and as JSON. */
final class Report {
    /** Engines that are compared with the kernel. */
    private static final List<String> RATIOS = List.of("verified", "checked");

    private final Map<String, String> facts;
    private final List<Engine> engines;
    private final List<SideBySide.Row> programs;
    private final List<OperationTable.Row> operations;
    private final List<MapMemory.Row> sizes;

    /** {@code facts}: what must be known to read the figures, such as the machine. */
    Report(
            Map<String, String> facts,
            List<Engine> engines,
            List<SideBySide.Row> programs,
            List<OperationTable.Row> operations,
            List<MapMemory.Row> sizes) {
        this.facts = facts;
        this.engines = engines;
        this.programs = programs;
        this.operations = operations;
        this.sizes = sizes;
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        facts.forEach(
                (name, fact) ->
                        text.append("- ").append(name).append(": ").append(fact).append('\n'));
        if (!programs.isEmpty()) {
            programs(text);
        }
        if (!operations.isEmpty()) {
            operations(text);
        }
        if (!sizes.isEmpty()) {
            sizes(text);
        }
        return text.toString();
    }

    private void programs(StringBuilder text) {
        text.append(
                "\n"
                        + "Nanoseconds per run: median ± half the distance of the quartiles.\n\n"
                        + "| program |");
        engines.forEach(engine -> text.append(' ').append(engine.name()).append(" |"));
        RATIOS.forEach(name -> text.append(' ').append(name).append(" / kernel |"));
        text.append("\n|---|");
        text.append("---:|".repeat(engines.size() + RATIOS.size())).append('\n');
        for (SideBySide.Row row : programs) {
            text.append("| ").append(row.label()).append(" |");
            for (Samples samples : row.samples()) {
                text.append(' ').append(cell(samples)).append(" |");
            }
            RATIOS.forEach(name -> text.append(' ').append(number(ratio(row, name))).append(" |"));
            text.append('\n');
        }
        for (char kind : new char[] {'a', 'b'}) {
            if (programs.stream().anyMatch(row -> row.kind() == kind)) {
                text.append("| geometric mean of class ").append(kind).append(" |");
                text.append(" |".repeat(engines.size()));
                RATIOS.forEach(
                        name ->
                                text.append(" **")
                                        .append(number(geomean(kind, name)))
                                        .append("** |"));
                text.append('\n');
            }
        }
    }

    private static String cell(Samples samples) {
        return samples == null
                ? ""
                : number(samples.median())
                        + String.format(Locale.ROOT, " ± %.0f %%", 100 * samples.spread());
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        String format = value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, format, value);
    }

    private double ratio(SideBySide.Row row, String name) {
        Samples kernel = row.of(engines, "kernel");
        Samples ours = row.of(engines, name);
        return kernel == null || ours == null ? Double.NaN : ours.median() / kernel.median();
    }

    /** NaN where the kernel has no figures. */
    private double geomean(char kind, String name) {
        double sum = 0;
        int count = 0;
        for (SideBySide.Row row : programs) {
            if (row.kind() == kind) {
                sum += Math.log(ratio(row, name));
                count++;
            }
        }
        return Math.exp(sum / count);
    }

    private void operations(StringBuilder text) {
        text.append("\nNanoseconds per operation and thread.\n\n| operation | entries | threads |");
        List<Integer> columns = new ArrayList<>();
        for (int i = 0; i < engines.size(); i++) {
            if (engines.get(i).supports("c01_ops")) {
                columns.add(i);
                text.append(' ').append(engines.get(i).name()).append(" |");
            }
        }
        text.append("\n|---|---:|---:|").append("---:|".repeat(columns.size())).append('\n');
        for (OperationTable.Row row : operations) {
            text.append("| ").append(row.label()).append(" | ").append(row.entries());
            text.append(" | ").append(row.threads()).append(" |");
            for (int i : columns) {
                text.append(' ').append(number(row.costs().get(i))).append(" |");
            }
            text.append('\n');
        }
    }

    private void sizes(StringBuilder text) {
        text.append("\nBytes per entry of a full map, keys of 4 bytes (LPM 8), values of 8.\n\n");
        text.append("| map | entries | kernel | TruffleBPF |\n|---|---:|---:|---:|\n");
        for (MapMemory.Row row : sizes) {
            text.append("| ").append(row.type().label()).append(" | ").append(row.entries());
            text.append(" | ").append(number(row.kernel()));
            text.append(" | ").append(number(row.ours())).append(" |\n");
        }
    }

    void json(File file) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(file, JsonEncoding.UTF8)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            for (Map.Entry<String, String> fact : facts.entrySet()) {
                json.writeStringField(fact.getKey(), fact.getValue());
            }
            json.writeArrayFieldStart("programs");
            for (SideBySide.Row row : programs) {
                json.writeStartObject();
                json.writeStringField("program", row.label());
                for (int i = 0; i < engines.size(); i++) {
                    Samples samples = row.samples().get(i);
                    if (samples != null) {
                        json.writeObjectFieldStart(engines.get(i).name());
                        json.writeNumberField("medianNs", samples.median());
                        json.writeNumberField("minNs", samples.min());
                        json.writeNumberField("spread", samples.spread());
                        json.writeEndObject();
                    }
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("operations");
            for (OperationTable.Row row : operations) {
                json.writeStartObject();
                json.writeStringField("operation", row.label());
                json.writeNumberField("entries", row.entries());
                json.writeNumberField("threads", row.threads());
                for (int i = 0; i < engines.size(); i++) {
                    if (!Double.isNaN(row.costs().get(i))) {
                        json.writeNumberField(engines.get(i).name() + "Ns", row.costs().get(i));
                    }
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("memory");
            for (MapMemory.Row row : sizes) {
                json.writeStartObject();
                json.writeStringField("map", row.type().label());
                json.writeNumberField("entries", row.entries());
                if (!Double.isNaN(row.kernel())) {
                    json.writeNumberField("kernelBytesPerEntry", row.kernel());
                }
                json.writeNumberField("bytesPerEntry", row.ours());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }
}
