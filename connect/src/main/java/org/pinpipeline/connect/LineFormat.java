package org.pinpipeline.connect;

import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/** How a record becomes a line of an object. */
interface LineFormat {
    /**
     * The record's line, without the newline at its end.
     *
     * @throws RejectedRecordException when the record cannot be landed in this format
     * @throws ConnectException when no record can, for the connector is configured wrongly
     */
    byte[] line(SinkRecord record);

    /** The format of this name: {@code json} or {@code dead-letter}. */
    static LineFormat named(String name) {
        return switch (name) {
            case "json" -> new JsonLines();
            case "dead-letter" -> new DeadLetterLines();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** The bytes as they are in Kafka, null for a tombstone. */
    static byte[] bytes(Object keyOrValue, String converter) {
        if (keyOrValue == null || keyOrValue instanceof byte[]) {
            return (byte[]) keyOrValue;
        }
        throw new ConnectException(converter + " must be org.apache.kafka.connect.converters.ByteArrayConverter: "
                + "this one yields " + keyOrValue.getClass().getName());
    }
}
