package org.pinpipeline.connect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.sink.SinkRecord;

/** A value that is one JSON object, byte for byte as it was sent. Not thread-safe. */
final class JsonLines implements LineFormat {
    // Values are UTF-8 or refused: a parser that guesses would let UTF-16 through, which no reader of lines takes.
    private final JsonFactory json = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer decoded = CharBuffer.allocate(8192);

    @Override
    public byte[] line(SinkRecord record) {
        byte[] value = LineFormat.bytes(record.value(), "value.converter");
        if (value == null) {
            throw new RejectedRecordException("null value");
        }
        requireUtf8(value);
        requireOneObject(value);
        return withoutNewlines(value);
    }

    private void requireUtf8(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        utf8.reset();
        CoderResult result;
        do {
            decoded.clear();
            result = utf8.decode(bytes, decoded, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new RejectedRecordException("not UTF-8: byte " + bytes.position());
        }
    }

    private void requireOneObject(byte[] value) {
        try (JsonParser parser = json.createParser(value)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new RejectedRecordException("empty value");
            }
            if (first != JsonToken.START_OBJECT) {
                throw new RejectedRecordException("not a JSON object: " + kind(first));
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                throw new RejectedRecordException("more than one JSON value");
            }
        } catch (JsonEOFException e) {
            throw new RejectedRecordException("not JSON: ends too early, after byte " + value.length);
        } catch (StreamConstraintsException e) {
            throw new RejectedRecordException("JSON beyond what readers take: " + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new RejectedRecordException("not JSON: byte " + e.getLocation().getByteOffset());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String kind(JsonToken token) {
        return switch (token) {
            case START_ARRAY -> "array";
            case VALUE_STRING -> "string";
            case VALUE_TRUE, VALUE_FALSE -> "boolean";
            case VALUE_NULL -> "null";
            default -> "number";
        };
    }

    /** Valid JSON has newlines between tokens only, where a blank means the same. */
    private static byte[] withoutNewlines(byte[] value) {
        byte[] line = value;
        for (int i = 0; i < value.length; i++) {
            if (value[i] == '\n' || value[i] == '\r') {
                if (line == value) {
                    line = value.clone();
                }
                line[i] = ' ';
            }
        }
        return line;
    }
}
