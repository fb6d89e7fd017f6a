package org.pinpipeline.connect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** Real tasks between a Kafka and an S3 in memory. It is 12:00:30, and objects are due at each full minute. */
final class Rig {
    static final TopicPartition PIN = new TopicPartition("pin", 0);
    static final TopicPartition GEO = new TopicPartition("geo", 0);

    /** Requests to S3, letters in the queue, and commits, in order. */
    final List<String> events = new ArrayList<>();
    final FakeS3 s3 = new FakeS3(events);
    final FakeKafka kafka = new FakeKafka();
    final DeadLetterQueue deadLetters = new DeadLetterQueue(events);
    final SettableClock clock = new SettableClock("2026-01-01T12:00:30Z");

    /** A worker with a new task, as after a start or a crash. */
    Worker worker(int flushSize, String... keysAndValues) {
        return new Worker(new S3SinkTask(clock, config -> s3, config -> kafka), kafka,
                properties(flushSize, keysAndValues), deadLetters, events);
    }

    Worker workerWithoutDeadLetterQueue(int flushSize) {
        return new Worker(new S3SinkTask(clock, config -> s3, config -> kafka), kafka, properties(flushSize), null,
                events);
    }

    /** All lines that have landed of a partition whose values tell their offsets, in the order of names. */
    String lines(TopicPartition partition) {
        s3.landed(partition); // each line where its object's name says
        String prefix = "topics/" + partition.topic() + "/";
        return s3.contents().entrySet().stream().filter(object -> object.getKey().startsWith(prefix))
                .map(object -> object.getValue().replace("\n", "")).collect(Collectors.joining());
    }

    /** The minute ends, so that everything is due. */
    void endInterval() {
        clock.advance(Duration.ofMinutes(1));
    }

    private static Map<String, String> properties(int flushSize, String... keysAndValues) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "name", "sink",
                "s3.bucket.name", "landing",
                "flush.size", Integer.toString(flushSize),
                "rotate.schedule.interval.ms", "60000"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return properties;
    }
}
