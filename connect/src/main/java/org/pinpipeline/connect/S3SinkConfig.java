package org.pinpipeline.connect;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/**
 * The connector's configuration. Keys, defaults and meanings are Confluent's where Confluent's sink has the key; its
 * further keys may stand there too, unless they ask for what this sink does not do.
 */
final class S3SinkConfig extends AbstractConfig {
    static final String BUCKET = "s3.bucket.name";
    static final String REGION = "s3.region";
    static final String STORE_URL = "store.url";
    static final String PATH_STYLE = "s3.path.style.access.enabled";
    static final String PART_SIZE = "s3.part.size";
    static final String PART_RETRIES = "s3.part.retries";
    static final String RETRY_BACKOFF = "retry.backoff.ms";
    static final String TOPICS_DIR = "topics.dir";
    static final String PAD_WIDTH = "filename.offset.zero.pad.width";
    static final String FLUSH_SIZE = "flush.size";
    static final String ROTATE_SCHEDULE = "rotate.schedule.interval.ms";
    static final String FORMAT = "format";
    static final String KAFKA_ADMIN = "kafka.admin.";
    static final String KAFKA_ADMIN_SERVERS = KAFKA_ADMIN + "bootstrap.servers";

    private static final int MEBIBYTE = 1 << 20;

    static final ConfigDef DEFINITION = contradictions(new ConfigDef()
            .define(BUCKET, Type.STRING, ConfigDef.NO_DEFAULT_VALUE, new NonEmptyString(), Importance.HIGH,
                    "Bucket that the objects go to.")
            .define(REGION, Type.STRING, "us-west-2", new NonEmptyString(), Importance.MEDIUM,
                    "AWS region of the bucket.")
            .define(STORE_URL, Type.STRING, null, matching("https?://.+", "an http or https address"), Importance.LOW,
                    "Address of S3 where it is not AWS's own.")
            .define(PATH_STYLE, Type.BOOLEAN, true, Importance.LOW,
                    "Whether the bucket stands in the path of requests rather than in the host name.")
            .define(TOPICS_DIR, Type.STRING, "topics", matching("[^/](.*[^/])?", "a prefix without a slash at an end"),
                    Importance.MEDIUM, "What the names of all objects begin with.")
            .define(PAD_WIDTH, Type.INT, 10, Range.between(1, 19), Importance.LOW,
                    "Digits that offsets are padded to in names; names sort by offset up to that many digits.")
            .define(FLUSH_SIZE, Type.INT, ConfigDef.NO_DEFAULT_VALUE, Range.atLeast(1), Importance.HIGH,
                    "Most records of an object.")
            .define(ROTATE_SCHEDULE, Type.LONG, -1L, Importance.MEDIUM,
                    "Wall-clock interval, counted from midnight UTC, at whose end an object is written as it is; -1: "
                            + "never.")
            .define(PART_SIZE, Type.INT, 25 * MEBIBYTE, Range.atLeast(5 * MEBIBYTE), Importance.MEDIUM,
                    "Most bytes of an object, so that memory is bounded; a larger record is an object of its own.")
            .define(PART_RETRIES, Type.INT, 3, Range.atLeast(0), Importance.LOW,
                    "How often a request to S3 is tried again before Connect is asked to deliver anew.")
            .define(RETRY_BACKOFF, Type.LONG, 5000L, Range.atLeast(1), Importance.LOW,
                    "Milliseconds until Connect delivers anew. It does so until S3 answers.")
            .define(FORMAT, Type.STRING, "json", ValidString.in("json", "dead-letter"), Importance.MEDIUM,
                    "json: values are JSON objects, landed as they are; dead-letter: records of a dead letter queue, "
                            + "landed with where they stood and why they were refused.")
            .define(KAFKA_ADMIN_SERVERS, Type.STRING, null, Importance.MEDIUM,
                    "Brokers to ask for topic ids, so that a topic that was deleted and created anew is noticed; "
                            + KAFKA_ADMIN + "* holds further settings of that admin client."));

    S3SinkConfig(Map<String, String> properties) {
        super(DEFINITION, properties);
        if (getString(KAFKA_ADMIN_SERVERS) == null && !originalsWithPrefix(KAFKA_ADMIN).isEmpty()) {
            throw new ConfigException(KAFKA_ADMIN + "* needs " + KAFKA_ADMIN_SERVERS);
        }
    }

    String bucket() {
        return getString(BUCKET);
    }

    String region() {
        return getString(REGION);
    }

    Optional<URI> storeUrl() {
        return Optional.ofNullable(getString(STORE_URL)).map(URI::create);
    }

    boolean pathStyle() {
        return getBoolean(PATH_STYLE);
    }

    int retries() {
        return getInt(PART_RETRIES);
    }

    long retryBackoffMs() {
        return getLong(RETRY_BACKOFF);
    }

    int flushSize() {
        return getInt(FLUSH_SIZE);
    }

    ObjectNames names() {
        return new ObjectNames(getString(TOPICS_DIR), getInt(PAD_WIDTH));
    }

    Rotation rotation() {
        return new Rotation(flushSize(), getInt(PART_SIZE), getLong(ROTATE_SCHEDULE));
    }

    LineFormat format() {
        return LineFormat.named(getString(FORMAT));
    }

    /** Settings of the admin client; empty when there is to be none. */
    Map<String, Object> kafkaAdmin() {
        return originalsWithPrefix(KAFKA_ADMIN);
    }

    /** Most bytes of a record that Connect's producer of dead letters sends: what Kafka's producer takes by default. */
    int largestDeadLetter() {
        return Integer.parseInt(originalsStrings().getOrDefault("producer.override.max.request.size", "1048576"));
    }

    /** The group that Connect's consumers of this connector form. */
    String consumerGroup() {
        Map<String, String> all = originalsStrings();
        return all.getOrDefault("consumer.override.group.id", "connect-" + all.get("name"));
    }

    /** Keys that would change what lands, or where, and are therefore refused unless they ask for what is done. */
    private static ConfigDef contradictions(ConfigDef definition) {
        return definition
                .define("format.class", Type.STRING, null, matching(".*\\.(JsonFormat|ByteArrayFormat)",
                        "JsonFormat or ByteArrayFormat: this sink writes JSON lines"), Importance.LOW, "JSON lines.")
                .define("partitioner.class", Type.STRING, null, matching(".*\\.DefaultPartitioner",
                        "the DefaultPartitioner: this sink lays objects out by topic and partition"), Importance.LOW,
                        "By topic and partition.")
                .define("s3.compression.type", Type.STRING, null, matching("none",
                        "none: this sink does not compress"), Importance.LOW, "No compression.")
                .define("directory.delim", Type.STRING, null, matching("/", "/"), Importance.LOW, "A slash.")
                .define("file.delim", Type.STRING, null, matching("\\+", "+"), Importance.LOW, "A plus sign.")
                .define("rotate.interval.ms", Type.LONG, null, matching("-1|0",
                        "-1: this sink rotates by wall clock, see " + ROTATE_SCHEDULE), Importance.LOW,
                        "No rotation by records' time.")
                .define("aws.access.key.id", Type.PASSWORD, null, matching("",
                        "absent: credentials come from the environment, a profile or the worker's role"),
                        Importance.LOW, "No keys in the configuration.")
                .define("consumer.override.auto.offset.reset", Type.STRING, null, matching("earliest",
                        "earliest: where S3 holds nothing, all that Kafka has is to land"), Importance.LOW,
                        "Earliest.");
    }

    private static Validator matching(String pattern, String expected) {
        return LambdaValidator.with(
                (name, value) -> {
                    // A password's toString hides it.
                    Object text = value instanceof Password password ? password.value() : value;
                    if (text != null && !text.toString().matches(pattern)) {
                        throw new ConfigException(name, value, "must be " + expected);
                    }
                },
                () -> expected);
    }
}
