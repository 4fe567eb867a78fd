package org.trufflebpf.launcher;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;

import org.trufflebpf.launcher.engine.EbpfRunException;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A context as JSON: an object with its fields, or a list of arguments. As JSON has no hexadecimal
 * numbers, a text of that form is a number.
 */
final class ContextFields {
    private static final JsonFactory JSON = new JsonFactory();

    private ContextFields() {}

    /** The value of --ctx as a tree of maps, lists, numbers and texts; {@code null} for none. */
    static Object read(String text) throws EbpfRunException {
        if (text == null) {
            return null;
        }
        try (JsonParser parser = JSON.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT && first != JsonToken.START_ARRAY) {
                throw usage("expected an object with fields or a list of arguments");
            }
            Object tree = tree(parser);
            if (parser.nextToken() != null) {
                throw usage("expected nothing behind the JSON value");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw usage("not valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new AssertionError("a text in memory cannot fail to be read", e);
        }
    }

    private static EbpfRunException usage(String message) {
        return EbpfRunException.usage("--ctx: " + message);
    }

    /** The value at the parser's current token. */
    static Object tree(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    map.put(name, tree(parser));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(tree(parser));
                }
                yield list;
            }
            case VALUE_STRING -> text(parser.getText());
            case VALUE_NUMBER_INT -> {
                BigInteger number = parser.getBigIntegerValue();
                yield number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
            }
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static Object text(String text) {
        if (!text.toLowerCase(Locale.ROOT).matches("-?0x[0-9a-f]{1,16}")) {
            return text;
        }
        boolean minus = text.startsWith("-");
        BigInteger number = new BigInteger(text.substring(minus ? 3 : 2), 16);
        BigInteger signed = minus ? number.negate() : number;
        return signed.bitLength() < Long.SIZE ? (Object) signed.longValue() : signed;
    }
}
