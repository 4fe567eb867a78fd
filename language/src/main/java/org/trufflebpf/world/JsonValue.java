package org.trufflebpf.world;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;

import org.trufflebpf.failure.BpfException;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of a JSON document that knows where it stands, so that messages can say so. */
public sealed interface JsonValue {
    /** File, line and path, such as {@code env.json:3: tasks[0].pid}. */
    String place();

    /** An object; names keep their order. */
    record JsonObject(String place, Map<String, JsonValue> members) implements JsonValue {}

    /** An array. */
    record JsonArray(String place, List<JsonValue> elements) implements JsonValue {}

    /** A string, {@link BigInteger}, {@link Double}, {@link Boolean} or {@code null}. */
    record JsonScalar(String place, Object value) implements JsonValue {
        @Override
        public String toString() {
            return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
        }
    }

    /**
     * Reads a document; comments are allowed.
     *
     * @throws BpfException USAGE with line and column for what is no JSON, or names a member twice
     */
    static JsonValue parse(String file, String text) {
        JsonFactory factory =
                JsonFactory.builder()
                        .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build();
        try (JsonParser parser = factory.createParser(text)) {
            parser.nextToken();
            JsonValue value = read(file, "", parser);
            if (parser.nextToken() != null) {
                throw BpfException.usage(
                        place(file, parser, "") + ": expected the end of the file");
            }
            return value;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw BpfException.usage(
                    file
                            + (at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr())
                            + ": "
                            + e.getOriginalMessage());
        } catch (IOException e) {
            throw BpfException.usage(file + ": " + e.getMessage());
        }
    }

    private static String place(String file, JsonParser parser, String path) {
        return file
                + ":"
                + parser.currentTokenLocation().getLineNr()
                + (path.isEmpty() ? "" : ": " + path);
    }

    private static JsonValue read(String file, String path, JsonParser parser) throws IOException {
        String place = place(file, parser, path);
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw BpfException.usage(place + ": the file is empty, expected an object: {...}");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, JsonValue> members = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    members.put(
                            name, read(file, path.isEmpty() ? name : path + "." + name, parser));
                }
                yield new JsonObject(place, members);
            }
            case START_ARRAY -> {
                List<JsonValue> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(read(file, path + "[" + elements.size() + "]", parser));
                }
                yield new JsonArray(place, elements);
            }
            case VALUE_NUMBER_INT -> new JsonScalar(place, parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> new JsonScalar(place, parser.getDoubleValue());
            case VALUE_TRUE, VALUE_FALSE -> new JsonScalar(place, parser.getBooleanValue());
            case VALUE_NULL -> new JsonScalar(place, null);
            default -> new JsonScalar(place, parser.getText());
        };
    }

    /** A word for the kind of value, for messages. */
    default String shown() {
        return switch (this) {
            case JsonObject object -> "an object";
            case JsonArray array -> "an array";
            case JsonScalar scalar -> scalar.toString();
        };
    }
}
