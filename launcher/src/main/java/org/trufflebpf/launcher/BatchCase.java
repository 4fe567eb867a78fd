package org.trufflebpf.launcher;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;

import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.RunSpec;

import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** A line of a batch. Fields that the line does not have keep what the command line says. */
final class BatchCase {
    /** A line holds a packet and a context in hex at most, and a little around them. */
    static final int MAX_LINE = 4 * InputFiles.MAX_DATA + (1 << 16);

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(MAX_LINE)
                                    .maxNestingDepth(200)
                                    .build())
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build();

    private final List<String> unknownFields = new ArrayList<>();
    private String id;
    private String object;
    private String program;
    private String type;
    private byte[] data;
    private byte[] ctx;
    private Object fields;
    private Integer repeat;
    private Boolean dumpMaps;
    private Boolean verifyOnly;
    private EbpfRunException error;

    private BatchCase() {}

    /**
     * Reads a line; what is wrong with it is kept for {@link #request}, so that an id before it is
     * not lost.
     */
    static BatchCase parse(byte[] line, int length) throws IOException {
        BatchCase parsed = new BatchCase();
        try (JsonParser parser = JSON.createParser(line, 0, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                parsed.fail("expected a JSON object in each line");
                return parsed;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                parsed.field(parser, parser.currentName());
            }
            if (parser.nextToken() != null) {
                parsed.fail("expected one JSON object in each line, and nothing after it");
            }
        } catch (JsonProcessingException e) {
            int column = e.getLocation() == null ? -1 : e.getLocation().getColumnNr();
            parsed.fail(
                    "not valid JSON: "
                            + e.getOriginalMessage()
                            + (column > 0 ? " (column " + column + ")" : ""));
        }
        return parsed;
    }

    private void field(JsonParser parser, String name) throws IOException {
        JsonToken token = parser.nextToken();
        switch (name) {
            case "id" -> id = copy(parser);
            case "object" -> object = text(parser, token, name);
            case "program" -> program = text(parser, token, name);
            case "type" -> type = text(parser, token, name);
            case "data_in" -> data = bytes(parser, token, name);
            case "ctx_in" -> ctx = bytes(parser, token, name);
            case "ctx" -> fields = fields(parser, token, name);
            case "repeat" -> repeat = positive(parser, token, name);
            case "dump_maps" -> dumpMaps = bool(parser, token, name);
            case "verify_only" -> verifyOnly = bool(parser, token, name);
            default -> {
                unknownFields.add(name);
                parser.skipChildren();
            }
        }
    }

    private static String copy(JsonParser parser) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            generator.copyCurrentStructureExact(parser);
        }
        return text.toString();
    }

    private String text(JsonParser parser, JsonToken token, String name) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        wrong(parser, token, name, "a string");
        return null;
    }

    private byte[] bytes(JsonParser parser, JsonToken token, String name) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            byte[] bytes = Text.unhex(parser.getText());
            if (bytes == null) {
                fail(name + ": expected pairs of hex digits");
            }
            return bytes;
        }
        wrong(parser, token, name, "a string of hex digits");
        return null;
    }

    private Object fields(JsonParser parser, JsonToken token, String name) throws IOException {
        if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
            return ContextFields.tree(parser);
        }
        wrong(parser, token, name, "an object with fields or a list of arguments");
        return null;
    }

    private Integer positive(JsonParser parser, JsonToken token, String name) throws IOException {
        if (token == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT
                && parser.getIntValue() > 0) {
            return parser.getIntValue();
        }
        wrong(parser, token, name, "a whole number from 1 to " + Integer.MAX_VALUE);
        return null;
    }

    private Boolean bool(JsonParser parser, JsonToken token, String name) throws IOException {
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
            return token == JsonToken.VALUE_TRUE;
        }
        wrong(parser, token, name, "true or false");
        return null;
    }

    /** A null stands for a missing field; anything else is refused. */
    private void wrong(JsonParser parser, JsonToken token, String name, String expected)
            throws IOException {
        if (token != JsonToken.VALUE_NULL) {
            parser.skipChildren();
            fail(name + ": expected " + expected);
        }
    }

    private void fail(String message) {
        if (error == null) {
            error = EbpfRunException.usage(message);
        }
    }

    /** The id as JSON text, or {@code null} where the line has none. */
    String id() {
        return id;
    }

    /** Fields that mean nothing here. */
    List<String> unknownFields() {
        return unknownFields;
    }

    /** The run that the line asks for. */
    RunRequest request(RunRequest defaults) throws EbpfRunException {
        if (error != null) {
            throw error;
        }
        String wanted = object != null ? object : defaults.object();
        if (wanted == null) {
            throw EbpfRunException.usage("object: expected the name of an object file");
        }
        if (ctx != null && fields != null) {
            throw EbpfRunException.usage("ctx and ctx_in cannot both be given");
        }
        RunSpec spec = defaults.spec();
        boolean own = ctx != null || fields != null;
        return defaults.with(
                wanted,
                program != null ? program : defaults.program(),
                type,
                new RunSpec(
                        data != null ? data : spec.data(),
                        own ? ctx : spec.ctx(),
                        own ? fields : spec.fields(),
                        repeat != null ? repeat : spec.repeat(),
                        spec.cpu(),
                        spec.steps()),
                dumpMaps != null ? dumpMaps : defaults.dumpMaps(),
                verifyOnly != null ? verifyOnly : defaults.verifyOnly());
    }
}
