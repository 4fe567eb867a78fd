package org.trufflebpf.launcher;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;

import org.trufflebpf.launcher.engine.BpfMap;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.Event;
import org.trufflebpf.launcher.engine.Judgement;
import org.trufflebpf.launcher.engine.MapDump;
import org.trufflebpf.launcher.engine.MapEntry;
import org.trufflebpf.launcher.engine.MapInfo;
import org.trufflebpf.launcher.engine.ProgramInfo;
import org.trufflebpf.launcher.engine.RunResult;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Results as the JSON contract of docs/ebpf-run.md: one object, then a newline. All that is not
 * ASCII is escaped, so that whatever bytes a program prints, the output stays valid.
 */
final class JsonReport implements AutoCloseable {
    /** Larger durations are whole nanoseconds, smaller ones have two decimals. */
    private static final double EXACT_BELOW = 1000;

    private final JsonGenerator json;

    JsonReport(OutputStream out) throws IOException {
        json =
                JsonFactory.builder()
                        .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                        .build()
                        .createGenerator(out)
                        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    }

    /** Starts the object; {@code id} is JSON text, or {@code null} for none. */
    void start(String id) throws IOException {
        json.writeStartObject();
        if (id != null) {
            json.writeFieldName("id");
            json.writeRawValue(id);
        }
    }

    void program(String object, ProgramInfo program) throws IOException {
        json.writeStringField("object", object);
        json.writeStringField("program", program.name());
        json.writeStringField("section", program.section());
        json.writeStringField("type", program.type());
    }

    private void text(String name, byte[] text) throws IOException {
        if (text != null) {
            json.writeStringField(name, new String(text, StandardCharsets.UTF_8));
        }
    }

    void run(RunResult result) throws IOException {
        json.writeArrayFieldStart("runs");
        json.writeStartObject();
        json.writeNumberField("retval", result.retval());
        json.writeStringField("verdict", result.verdict());
        json.writeStringField("data_out", hex(result.data()));
        json.writeStringField("ctx_out", hex(result.ctx()));
        if (result.fields() != null) {
            json.writeFieldName("ctx");
            tree(result.fields());
        }
        text("printed", result.printed());
        text("stdout", result.stdout());
        text("stderr", result.stderr());
        if (!result.callbacks().isEmpty()) {
            json.writeFieldName("callbacks");
            tree(result.callbacks());
        }
        json.writeNumberField("repeat", result.repeat());
        json.writeFieldName("duration_ns");
        duration(result.meanNs());
        json.writeEndObject();
        json.writeEndArray();
        trace(result.trace());
        events(result.events());
    }

    private void tree(Object tree) throws IOException {
        switch (tree) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    json.writeFieldName((String) entry.getKey());
                    tree(entry.getValue());
                }
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                for (Object element : list) {
                    tree(element);
                }
                json.writeEndArray();
            }
            case Long number -> json.writeNumber(number);
            case BigInteger number -> json.writeNumber(number);
            case Boolean flag -> json.writeBoolean(flag);
            case null -> json.writeNull();
            default -> json.writeString(tree.toString());
        }
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "" : Text.hex(bytes);
    }

    private void duration(double ns) throws IOException {
        long hundredths = Math.round(ns * 100);
        if (ns >= EXACT_BELOW || hundredths % 100 == 0) {
            json.writeNumber(Math.round(ns));
        } else {
            json.writeNumber(hundredths / 100.0);
        }
    }

    void packets(PacketCounts counts) throws IOException {
        json.writeObjectFieldStart("packets");
        json.writeNumberField("total", counts.packets());
        json.writeNumberField("bytes", counts.bytes());
        json.writeObjectFieldStart("verdicts");
        for (PacketCounts.Row row : counts.rows()) {
            json.writeNumberField(row.label(), row.packets());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    void trace(List<String> lines) throws IOException {
        json.writeArrayFieldStart("trace");
        for (String line : lines) {
            json.writeString(line);
        }
        json.writeEndArray();
    }

    void events(List<Event> events) throws IOException {
        json.writeArrayFieldStart("events");
        for (Event event : events) {
            json.writeStartObject();
            json.writeStringField("map", event.map());
            json.writeStringField("data", Text.hex(event.data()));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    void maps(List<MapDump> maps) throws IOException {
        json.writeObjectFieldStart("maps");
        for (MapDump map : maps) {
            json.writeObjectFieldStart(map.info().name());
            mapFields(map.info());
            json.writeArrayFieldStart("entries");
            for (MapEntry entry : map.entries()) {
                entry(entry);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void mapFields(MapInfo info) throws IOException {
        json.writeStringField("type", info.type());
        json.writeNumberField("key_size", info.keySize());
        json.writeNumberField("value_size", info.valueSize());
        json.writeNumberField("max_entries", info.maxEntries());
    }

    private void entry(MapEntry entry) throws IOException {
        json.writeStartObject();
        json.writeStringField("key", Text.hex(entry.key()));
        json.writeFieldName("value");
        if (entry.perCpu()) {
            json.writeStartArray();
            for (byte[] value : entry.values()) {
                json.writeString(Text.hex(value));
            }
            json.writeEndArray();
        } else {
            json.writeString(entry.values().isEmpty() ? "" : Text.hex(entry.values().getFirst()));
        }
        json.writeFieldName("typed");
        if (entry.json() == null) {
            json.writeNull();
        } else {
            json.writeRawValue(entry.json());
        }
        json.writeEndObject();
    }

    void list(String object, List<BpfProgram> programs, List<BpfMap> maps) throws IOException {
        json.writeStringField("object", object);
        json.writeArrayFieldStart("programs");
        for (BpfProgram program : programs) {
            ProgramInfo info = program.info();
            json.writeStartObject();
            json.writeStringField("name", info.name());
            json.writeStringField("section", info.section());
            json.writeStringField("type", info.type());
            json.writeStringField("attach_type", info.attachType());
            json.writeStringField("attach_target", info.attachTarget());
            json.writeBooleanField("sleepable", info.sleepable());
            json.writeBooleanField("autoload", info.autoload());
            json.writeNumberField("insn_count", info.insnCount());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("maps");
        for (BpfMap map : maps) {
            json.writeObjectFieldStart(map.info().name());
            mapFields(map.info());
            operations(map.info());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void operations(MapInfo map) throws IOException {
        if (map.operations().isEmpty()) {
            return;
        }
        json.writeObjectFieldStart("operations");
        for (Map.Entry<String, String> operation : map.operations().entrySet()) {
            json.writeStringField(operation.getKey(), operation.getValue());
        }
        json.writeEndObject();
    }

    void verdicts(String object, List<Verification.Row> rows) throws IOException {
        json.writeStringField("object", object);
        json.writeArrayFieldStart("programs");
        for (Verification.Row row : rows) {
            ProgramInfo program = row.program();
            Judgement judgement = row.judgement();
            json.writeStartObject();
            json.writeStringField("program", program.name());
            json.writeStringField("section", program.section());
            json.writeStringField("type", program.type());
            json.writeStringField("verdict", judgement.accepted() ? "accept" : "reject");
            json.writeStringField("message", judgement.text());
            index("insn", judgement.insn());
            json.writeStringField("source", judgement.source());
            json.writeNumberField("steps", judgement.steps());
            json.writeNumberField("duration_ns", judgement.durationNs());
            if (row.counterexample() != null) {
                counterexample(row.counterexample());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void counterexample(Counterexample found) throws IOException {
        json.writeObjectFieldStart("counterexample");
        json.writeNumberField("tries", found.tries());
        json.writeBooleanField("found", found.fault() != null);
        if (found.fault() != null) {
            json.writeStringField("message", found.fault().getMessage());
            index("insn", found.fault().insn());
            json.writeStringField("source", found.fault().source());
            json.writeArrayFieldStart("options");
            for (String option : found.options()) {
                json.writeString(option);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /** A number from 0 on, or null. */
    private void index(String name, int index) throws IOException {
        json.writeFieldName(name);
        if (index >= 0) {
            json.writeNumber(index);
        } else {
            json.writeNull();
        }
    }

    void error(EbpfRunException error) throws IOException {
        json.writeObjectFieldStart("error");
        json.writeStringField("phase", error.phase().label());
        json.writeStringField("message", error.getMessage());
        json.writeStringField("program", error.program());
        index("insn", error.insn());
        json.writeStringField("source", error.source());
        json.writeEndObject();
    }

    /** Ends the object and its line. */
    void end() throws IOException {
        json.writeEndObject();
        json.writeRaw('\n');
        json.flush();
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
