package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3SinkConfigTest {
    @Test
    void hasConfluentsDefaults() {
        S3SinkConfig config = config();

        assertEquals("landing", config.bucket());
        assertEquals("us-west-2", config.region());
        assertEquals(Optional.empty(), config.storeUrl());
        assertEquals(true, config.pathStyle());
        assertEquals(new ObjectNames("topics", 10), config.names());
        assertEquals(new Rotation(1000, 26_214_400, -1), config.rotation());
        assertEquals(3, config.retries());
        assertEquals(5000, config.retryBackoffMs());
        assertInstanceOf(JsonLines.class, config.format());
        assertEquals(Map.of(), config.kafkaAdmin());
        assertEquals("connect-sink", config.consumerGroup());
    }

    @Test
    void takesWhatIsSet() {
        S3SinkConfig config = config(
                "s3.region", "eu-central-1",
                "store.url", "http://localhost:4566",
                "s3.path.style.access.enabled", "false",
                "topics.dir", "raw/json",
                "filename.offset.zero.pad.width", "19",
                "flush.size", "1",
                "rotate.schedule.interval.ms", "60000",
                "s3.part.size", "5242880",
                "s3.part.retries", "0",
                "retry.backoff.ms", "1",
                "format", "dead-letter",
                "kafka.admin.bootstrap.servers", "broker:9092",
                "kafka.admin.security.protocol", "SSL",
                "consumer.override.group.id", "landing");

        assertEquals("eu-central-1", config.region());
        assertEquals(Optional.of(URI.create("http://localhost:4566")), config.storeUrl());
        assertEquals(false, config.pathStyle());
        assertEquals(new ObjectNames("raw/json", 19), config.names());
        assertEquals(new Rotation(1, 5_242_880, 60_000), config.rotation());
        assertEquals(0, config.retries());
        assertEquals(1, config.retryBackoffMs());
        assertInstanceOf(DeadLetterLines.class, config.format());
        assertEquals(Map.of("bootstrap.servers", "broker:9092", "security.protocol", "SSL"), config.kafkaAdmin());
        assertEquals("landing", config.consumerGroup());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "format.class | io.confluent.connect.s3.format.json.JsonFormat",
        "format.class | io.confluent.connect.s3.format.bytearray.ByteArrayFormat",
        "partitioner.class | io.confluent.connect.storage.partitioner.DefaultPartitioner",
        "s3.compression.type | none",
        "directory.delim | /",
        "file.delim | +",
        "rotate.interval.ms | -1",
        "rotate.interval.ms | 0",
        "aws.access.key.id | ''",
        "consumer.override.auto.offset.reset | earliest",
        "storage.class | io.confluent.connect.s3.storage.S3Storage",
        "schema.compatibility | NONE",
        "behavior.on.null.values | ignore",
        "timezone | UTC",
    })
    void toleratesConfluentsKeysThatAskForWhatIsDone(String key, String value) {
        assertEquals("landing", config(key, value).bucket());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "s3.bucket.name | '' | Invalid value  for configuration s3.bucket.name: String must be non-empty",
        "s3.region | '' | Invalid value  for configuration s3.region: String must be non-empty",
        "store.url | localhost:4566 | Invalid value localhost:4566 for configuration store.url: must be an http or"
                + " https address",
        "topics.dir | '' | Invalid value  for configuration topics.dir: must be a prefix without a slash at an end",
        "topics.dir | /raw | Invalid value /raw for configuration topics.dir: must be a prefix without a slash at an"
                + " end",
        "topics.dir | raw/ | Invalid value raw/ for configuration topics.dir: must be a prefix without a slash at an"
                + " end",
        "filename.offset.zero.pad.width | 0 | Invalid value 0 for configuration filename.offset.zero.pad.width: Value"
                + " must be at least 1",
        "filename.offset.zero.pad.width | 20 | Invalid value 20 for configuration filename.offset.zero.pad.width:"
                + " Value must be no more than 19",
        "flush.size | 0 | Invalid value 0 for configuration flush.size: Value must be at least 1",
        "flush.size | many | Invalid value many for configuration flush.size: Not a number of type INT",
        "s3.part.size | 5242879 | Invalid value 5242879 for configuration s3.part.size: Value must be at least"
                + " 5242880",
        "s3.part.retries | -1 | Invalid value -1 for configuration s3.part.retries: Value must be at least 0",
        "retry.backoff.ms | 0 | Invalid value 0 for configuration retry.backoff.ms: Value must be at least 1",
        "format | avro | Invalid value avro for configuration format: String must be one of: json, dead-letter",
        "format.class | io.confluent.connect.s3.format.avro.AvroFormat | Invalid value"
                + " io.confluent.connect.s3.format.avro.AvroFormat for configuration format.class: must be JsonFormat"
                + " or ByteArrayFormat: this sink writes JSON lines",
        "partitioner.class | io.confluent.connect.storage.partitioner.TimeBasedPartitioner | Invalid value"
                + " io.confluent.connect.storage.partitioner.TimeBasedPartitioner for configuration partitioner.class:"
                + " must be the DefaultPartitioner: this sink lays objects out by topic and partition",
        "s3.compression.type | gzip | Invalid value gzip for configuration s3.compression.type: must be none: this"
                + " sink does not compress",
        "directory.delim | _ | Invalid value _ for configuration directory.delim: must be /",
        "file.delim | _ | Invalid value _ for configuration file.delim: must be +",
        "rotate.interval.ms | 60000 | Invalid value 60000 for configuration rotate.interval.ms: must be -1: this sink"
                + " rotates by wall clock, see rotate.schedule.interval.ms",
        "aws.access.key.id | AKIA | Invalid value [hidden] for configuration aws.access.key.id: must be absent:"
                + " credentials come from the environment, a profile or the worker's role",
        "consumer.override.auto.offset.reset | latest | Invalid value latest for configuration"
                + " consumer.override.auto.offset.reset: must be earliest: where S3 holds nothing, all that Kafka has"
                + " is to land",
        "kafka.admin.security.protocol | SSL | kafka.admin.* needs kafka.admin.bootstrap.servers",
    })
    void refusesWhatItDoesNotDo(String key, String value, String message) {
        assertEquals(message, assertThrows(ConfigException.class, () -> config(key, value)).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "s3.bucket.name | Missing required configuration \"s3.bucket.name\" which has no default value.",
        "flush.size | Missing required configuration \"flush.size\" which has no default value.",
    })
    void needsABucketAndASize(String key, String message) {
        Map<String, String> properties = new HashMap<>(Map.of("s3.bucket.name", "landing", "flush.size", "1000"));
        properties.remove(key);
        assertEquals(message, assertThrows(ConfigException.class, () -> new S3SinkConfig(properties)).getMessage());
    }

    private static S3SinkConfig config(String... keysAndValues) {
        Map<String, String> properties = new HashMap<>(
                Map.of("name", "sink", "s3.bucket.name", "landing", "flush.size", "1000"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new S3SinkConfig(properties);
    }
}
