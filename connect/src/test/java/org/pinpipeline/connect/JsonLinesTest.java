package org.pinpipeline.connect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesTest {
    private final JsonLines format = new JsonLines();

    @ParameterizedTest
    @ValueSource(strings = {
        "{}",
        "{\"a\":1}",
        "  { \"a\" :\t[ 1.50, -0, 1E+2, null, true ] }  ",
        "{\"b\":1,\"a\":1,\"a\":2}",
        "{\"text\":\"\\n\\u00e9\\/ é € \uD83D\uDCCC\"}",
    })
    void landsValuesByteForByte(String json) {
        assertEquals(json, landed(json));
    }

    @ParameterizedTest
    @MethodSource
    void replacesNewlinesBetweenTokensByBlanks(String json, String line) {
        assertEquals(line, landed(json));
    }

    static Stream<Arguments> replacesNewlinesBetweenTokensByBlanks() {
        return Stream.of(
                Arguments.of("{\"a\":1}\n", "{\"a\":1} "),
                Arguments.of("{\r\n\t\"a\": 1\r\n}", "{  \t\"a\": 1  }"),
                Arguments.of("\n{\"a\":\n\"\\n\"}", " {\"a\": \"\\n\"}"));
    }

    @Test
    void leavesTheRecordItselfAsItIs() {
        byte[] value = "{\n}".getBytes(UTF_8);
        format.line(record(value));
        assertEquals("{\n}", new String(value, UTF_8));
    }

    @ParameterizedTest
    @MethodSource
    void refusesWithAReason(byte[] value, String reason) {
        RejectedRecordException refusal =
                assertThrows(RejectedRecordException.class, () -> format.line(record(value)));
        assertEquals(reason, refusal.getMessage());
        // A refusal leaves nothing behind that would touch the next value.
        assertEquals("{\"a\":1}", landed("{\"a\":1}"));
    }

    static Stream<Arguments> refusesWithAReason() {
        return Stream.of(
                refused((byte[]) null, "null value"),
                refused("", "empty value"),
                refused(" \n", "empty value"),

                refused("[{}]", "not a JSON object: array"),
                refused("\"{}\"", "not a JSON object: string"),
                refused("1", "not a JSON object: number"),
                refused("-1.5e3", "not a JSON object: number"),
                refused("true", "not a JSON object: boolean"),
                refused("false", "not a JSON object: boolean"),
                refused("null", "not a JSON object: null"),

                refused("{}{}", "more than one JSON value"),
                refused("{\"a\":1}\n{\"a\":2}", "more than one JSON value"),
                refused("{} 1", "more than one JSON value"),

                refused("{", "not JSON: ends too early, after byte 1"),
                refused("{\"a\":1", "not JSON: ends too early, after byte 6"),
                refused("{\"a\":\"é", "not JSON: ends too early, after byte 8"),
                refused("{\"a\":[{}", "not JSON: ends too early, after byte 8"),

                refused("<a/>", "not JSON: byte 0"),
                refused("{\"a\":1,}", "not JSON: byte 7"),
                refused("{'a':1}", "not JSON: byte 1"),
                refused("{} }", "not JSON: byte 3"),
                // A newline within a string would tear the line apart.
                refused("{\"a\":\"\n\"}", "not JSON: byte 6"),
                // Jackson tells the last byte of a stray character, and the byte after a stray control character.
                refused("\uFEFF{}", "not JSON: byte 2"),
                refused("{}".getBytes(UTF_16LE), "not JSON: byte 2"),

                refused("{\"a\":\"é\"}".getBytes(ISO_8859_1), "not UTF-8: byte 6"),
                refused(new byte[] {'{', '}', (byte) 0xC3}, "not UTF-8: byte 2"),
                refused(("{\"a\":\"" + "x".repeat(20_000) + "é\"}").getBytes(ISO_8859_1), "not UTF-8: byte 20006"),

                refused("{\"a\":" + "[".repeat(1000) + "]".repeat(1000) + "}",
                        "JSON beyond what readers take: Document nesting depth (1001) exceeds the maximum allowed"
                                + " (1000, from `StreamReadConstraints.getMaxNestingDepth()`)"));
    }

    @Test
    void namesTheConverterThatIsMissing() {
        ConnectException failure = assertThrows(ConnectException.class, () -> format.line(record("{}")));
        assertEquals("value.converter must be org.apache.kafka.connect.converters.ByteArrayConverter: this one yields"
                + " java.lang.String", failure.getMessage());
    }

    private String landed(String json) {
        return new String(format.line(record(json.getBytes(UTF_8))), UTF_8);
    }

    private static SinkRecord record(Object value) {
        return new SinkRecord("pin", 0, null, null, null, value, 0);
    }

    private static Arguments refused(String value, String reason) {
        return refused(value.getBytes(UTF_8), reason);
    }

    private static Arguments refused(byte[] value, String reason) {
        return Arguments.of(value, reason);
    }
}
