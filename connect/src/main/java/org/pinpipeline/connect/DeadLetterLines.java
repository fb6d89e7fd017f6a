package org.pinpipeline.connect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** A record of a dead letter queue, as one JSON object that tells what was refused, where it stood, and why. */
final class DeadLetterLines implements LineFormat {
    private final JsonFactory json = new JsonFactory();

    @Override
    public byte[] line(SinkRecord record) {
        byte[] key = LineFormat.bytes(record.key(), "key.converter");
        byte[] value = LineFormat.bytes(record.value(), "value.converter");
        Failure failure = Failure.of(record);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (JsonGenerator out = json.createGenerator(line)) {
            out.writeStartObject();
            out.writeStringField("topic", failure.topic);
            out.writeNumberField("partition", failure.partition);
            out.writeNumberField("offset", failure.offset);
            out.writeStringField("reason", failure.reason);
            out.writeStringField("exception", failure.exception);
            out.writeFieldName("timestamp");
            if (record.timestamp() == null) {
                out.writeNull();
            } else {
                out.writeNumber(record.timestamp());
            }
            writeBase64(out, "key_base64", key);
            writeBase64(out, "value_base64", value);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.toByteArray();
    }

    private static void writeBase64(JsonGenerator out, String name, byte[] bytes) throws IOException {
        out.writeFieldName(name);
        if (bytes == null) {
            out.writeNull();
        } else {
            out.writeBinary(bytes);
        }
    }

    /** What Connect's context headers tell; a record without them stands for itself. */
    private record Failure(String topic, int partition, long offset, String reason, String exception) {
        static Failure of(SinkRecord record) {
            try {
                return new Failure(
                        required(record, "topic"),
                        Integer.parseInt(required(record, "partition")),
                        Long.parseLong(required(record, "offset")),
                        text(record, "exception.message"),
                        text(record, "exception.class.name"));
            } catch (IllegalArgumentException e) {
                return new Failure(record.originalTopic(), record.originalKafkaPartition(),
                        record.originalKafkaOffset(), "no context headers tell where this came from", null);
            }
        }

        private static String required(SinkRecord record, String name) {
            String text = text(record, name);
            if (text == null) {
                throw new IllegalArgumentException(name);
            }
            return text;
        }

        /** Of several headers of one name the last counts: it was added by the connector that failed last. */
        private static String text(SinkRecord record, String name) {
            Header header = record.headers().lastWithName("__connect.errors." + name);
            if (header == null || header.value() == null) {
                return null;
            }
            Object text = header.value();
            return text instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : text.toString();
        }
    }
}
