package org.pinpipeline.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadLetterLinesTest {
    private static final String REJECTED = "org.pinpipeline.connect.RejectedRecordException";

    @Test
    void tellsWhatConnectsContextHeadersTell() {
        SinkRecord record = record("key", "[1]", 1_700_000_000_000L);
        context(record, "topic", "pin.geo");
        context(record, "partition", "2");
        context(record, "offset", "9000000000");
        context(record, "exception.message", "not a JSON object: array");
        context(record, "exception.class.name", REJECTED);

        assertEquals("{\"topic\":\"pin.geo\",\"partition\":2,\"offset\":9000000000,"
                        + "\"reason\":\"not a JSON object: array\","
                        + "\"exception\":\"org.pinpipeline.connect.RejectedRecordException\","
                        + "\"timestamp\":1700000000000,\"key_base64\":\"a2V5\",\"value_base64\":\"WzFd\"}",
                line(record));
    }

    @Test
    void staysOneLineWhateverTheReasonHolds() {
        SinkRecord record = record(null, null, null);
        context(record, "topic", "pin");
        context(record, "partition", "0");
        context(record, "offset", "1");
        context(record, "exception.message", "two\n\"lines\"");

        assertEquals("{\"topic\":\"pin\",\"partition\":0,\"offset\":1,\"reason\":\"two\\n\\\"lines\\\"\","
                + "\"exception\":null,\"timestamp\":null,\"key_base64\":null,\"value_base64\":null}", line(record));
    }

    @Test
    void takesTheLastHeaderOfAName() {
        SinkRecord record = record(null, "", null);
        for (String attempt : new String[] {"1", "2"}) {
            context(record, "topic", "topic" + attempt);
            context(record, "partition", attempt);
            context(record, "offset", attempt);
            context(record, "exception.message", "reason " + attempt);
        }

        assertEquals("{\"topic\":\"topic2\",\"partition\":2,\"offset\":2,\"reason\":\"reason 2\",\"exception\":null,"
                + "\"timestamp\":null,\"key_base64\":null,\"value_base64\":\"\"}", line(record));
    }

    /** With a converter that reads headers, their values are no bytes. */
    @Test
    void takesHeadersThatAreNoBytes() {
        SinkRecord record = record(null, null, null);
        record.headers().addString("__connect.errors.topic", "pin").addInt("__connect.errors.partition", 0)
                .addLong("__connect.errors.offset", 7).addString("__connect.errors.exception.message", "null value");

        assertEquals("{\"topic\":\"pin\",\"partition\":0,\"offset\":7,\"reason\":\"null value\",\"exception\":null,"
                + "\"timestamp\":null,\"key_base64\":null,\"value_base64\":null}", line(record));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"-, -, -", "pin, -, 1", "pin, zero, 1", "pin, 0, -", "-, 0, 1"})
    void standsForItselfWithoutHeadersOfUse(String topic, String partition, String offset) {
        SinkRecord record = record("k", "v", null);
        context(record, "topic", topic);
        context(record, "partition", partition);
        context(record, "offset", offset);

        assertEquals("{\"topic\":\"pin.dead\",\"partition\":3,\"offset\":42,"
                + "\"reason\":\"no context headers tell where this came from\",\"exception\":null,"
                + "\"timestamp\":null,\"key_base64\":\"aw==\",\"value_base64\":\"dg==\"}", line(record));
    }

    @Test
    void namesTheConverterThatIsMissing() {
        SinkRecord record = new SinkRecord("pin.dead", 0, null, 1L, null, null, 0);
        ConnectException failure = assertThrows(ConnectException.class, () -> line(record));
        assertEquals("key.converter must be org.apache.kafka.connect.converters.ByteArrayConverter: this one yields"
                + " java.lang.Long", failure.getMessage());
    }

    private static String line(SinkRecord record) {
        return new String(new DeadLetterLines().line(record), UTF_8);
    }

    private static SinkRecord record(String key, String value, Long timestamp) {
        return new SinkRecord("pin.dead", 3, null, bytes(key), null, bytes(value), 42, timestamp,
                TimestampType.CREATE_TIME);
    }

    private static void context(SinkRecord record, String name, String value) {
        record.headers().add("__connect.errors." + name, bytes(value), null);
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(UTF_8);
    }
}
