package org.pinpipeline.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pinpipeline.connect.Rig.GEO;
import static org.pinpipeline.connect.Rig.PIN;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What lands, where and when, while nothing goes wrong. */
class S3SinkTaskTest {
    private final Rig rig = new Rig();

    @Test
    void landsLinesUnderTheOffsetOfTheFirst() {
        rig.kafka.send(PIN, "{\"text\": \"é\"}");
        rig.kafka.send(PIN, "{\"a\":\n1}");
        rig.kafka.send(PIN, "{}");
        rig.worker(2).assign(PIN).pollToEnd();

        assertEquals(Map.of("topics/pin/partition=0/pin+0+0000000000.json", "{\"text\": \"é\"}\n{\"a\": 1}\n"),
                rig.s3.contents());
        assertEquals(Map.of("kafka-topic-id", "pin-0", "kafka-next-offset", "2", "name-offset-shift", "0"),
                rig.s3.metadata("topics/pin/partition=0/pin+0+0000000000.json"));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0-0 1-1 2-2 3-3 4-4 5-5 6-6, 0-0 1-1 2-2 3-3 4-4 5-5 6-6",
        "3, 0-2 3-5, 0-2 3-5 6-6",
        "7, 0-6, 0-6",
        "1000, '', 0-6",
    })
    void writesObjectsThatAreFullAtOnceAndTheOthersWhenTheIntervalEnds(int flushSize, String full, String all) {
        rig.kafka.send(PIN, 7);
        Worker worker = rig.worker(flushSize).assign(PIN).pollToEnd();
        assertEquals(full, rig.s3.landed(PIN));

        rig.endInterval();
        worker.poll();
        assertEquals(all, rig.s3.landed(PIN));
    }

    @Test
    void asksToBeCalledWhenTheIntervalEnds() {
        Worker worker = rig.worker(1000).assign(PIN).pollToEnd();
        assertEquals(-1, worker.timeoutMs());

        rig.kafka.send(PIN, 3);
        worker.poll();
        assertEquals(30_000, worker.timeoutMs());
        rig.clock.advance(Duration.ofMillis(29_999));
        worker.poll();
        assertEquals(1, worker.timeoutMs());
        assertEquals("", rig.s3.landed(PIN));

        rig.clock.advance(Duration.ofMillis(1));
        worker.poll();
        assertEquals(-1, worker.timeoutMs());
        assertEquals("0-2", rig.s3.landed(PIN));
    }

    /** Records that come later in an interval do not put its end off. */
    @Test
    void countsIntervalsByTheWallClock() {
        Worker worker = rig.worker(1000).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 1);
        worker.poll();
        rig.clock.advance(Duration.ofSeconds(29));
        rig.kafka.send(PIN, 1);
        worker.poll();
        rig.clock.advance(Duration.ofSeconds(1));
        worker.poll();
        assertEquals("0-1", rig.s3.landed(PIN));
    }

    @Test
    void writesOnlyFullObjectsWithoutAnInterval() {
        rig.kafka.send(PIN, 5);
        Worker worker = rig.worker(2, "rotate.schedule.interval.ms", "-1").assign(PIN).pollToEnd();
        rig.clock.advance(Duration.ofDays(1000));
        worker.poll();
        assertEquals("0-1 2-3", rig.s3.landed(PIN));
        assertEquals(-1, worker.timeoutMs());
    }

    /** Lines of 3,000,010 bytes with their newlines: one fits into 5 MiB. */
    @Test
    void boundsTheBytesOfAnObject() {
        for (int i = 0; i < 3; i++) {
            rig.kafka.send(PIN, "{\"n\":\"" + "x".repeat(3_000_001) + "\"}");
        }
        rig.worker(1000, "s3.part.size", "5242880").assign(PIN).pollToEnd();
        assertEquals(List.of("topics/pin/partition=0/pin+0+0000000000.json",
                "topics/pin/partition=0/pin+0+0000000001.json"), List.copyOf(rig.s3.contents().keySet()));
    }

    /** An offset without a record is an empty line, so that the others keep their numbers. */
    @Test
    void goesOnOverANarrowGap() {
        rig.kafka.send(PIN, 2);
        rig.kafka.mark(PIN);
        rig.kafka.send(PIN, 3);
        rig.kafka.mark(PIN);
        Worker worker = rig.worker(1000).assign(PIN).pollToEnd();
        rig.endInterval();
        worker.poll();
        assertEquals("0-1,3-5", rig.s3.landed(PIN));
        assertEquals("{\"n\":0}\n{\"n\":1}\n\n{\"n\":3}\n{\"n\":4}\n{\"n\":5}\n",
                rig.s3.contents().get("topics/pin/partition=0/pin+0+0000000000.json"));
    }

    /** A producer of one transaction per record puts a mark after each. */
    @Test
    void countsRecordsAndNotTheMarksBetweenThem() {
        for (int i = 0; i < 6; i++) {
            rig.kafka.send(PIN, 1);
            rig.kafka.mark(PIN);
        }
        rig.worker(3).assign(PIN).pollToEnd();
        assertEquals("0-0,2-2,4-4 6-6,8-8,10-10", rig.s3.landed(PIN));
    }

    @ParameterizedTest
    @CsvSource({"1000, '0-0,1001-1001'", "1001, '0-0 1002-1002'"})
    void beginsANewObjectAfterAWideGap(int marks, String landed) {
        rig.kafka.send(PIN, 1);
        for (int i = 0; i < marks; i++) {
            rig.kafka.mark(PIN);
        }
        rig.kafka.send(PIN, 1);
        Worker worker = rig.worker(1000).assign(PIN).pollToEnd();
        rig.endInterval();
        worker.poll();
        assertEquals(landed, rig.s3.landed(PIN));
    }

    /** A transformation that renames topics changes nothing about where a record stands in Kafka. */
    @Test
    void landsTransformedRecordsWhereTheyStoodInKafka() {
        S3SinkTask task = new S3SinkTask(rig.clock, config -> rig.s3, config -> rig.kafka);
        new Worker(task, rig.kafka, Map.of("s3.bucket.name", "landing", "flush.size", "1"), null, rig.events)
                .assign(PIN).pollToEnd();
        task.put(List.of(new SinkRecord("pin", 0, null, null, null, "{}".getBytes(UTF_8), 0)
                .newRecord("renamed", 7, null, null, null, "{\"a\":1}".getBytes(UTF_8), null)));
        assertEquals(Map.of("topics/pin/partition=0/pin+0+0000000000.json", "{\"a\":1}\n"), rig.s3.contents());
    }

    @Test
    void keepsPartitionsApart() {
        TopicPartition second = new TopicPartition("pin", 1);
        rig.kafka.send(PIN, 3);
        rig.kafka.send(GEO, 2);
        rig.kafka.send(second, 5);
        Worker worker = rig.worker(2).assign(PIN, GEO, second).pollToEnd();
        rig.endInterval();
        worker.poll();
        assertEquals("0-1 2-2", rig.s3.landed(PIN));
        assertEquals("0-1", rig.s3.landed(GEO));
        assertEquals("0-1 2-3 4-4", rig.s3.landed(second));
    }

    @Test
    void commitsWhatIsInS3Only() {
        rig.kafka.send(PIN, 5);
        Worker worker = rig.worker(3).assign(PIN).pollToEnd().commit();
        assertEquals(new OffsetAndMetadata(3, "pin-0:3:0"), rig.kafka.committed(PIN));

        rig.endInterval();
        worker.poll();
        worker.commit();
        assertEquals(new OffsetAndMetadata(5, "pin-0:5:0"), rig.kafka.committed(PIN));
    }

    @Test
    void commitsNothingOfAPartitionThatItHasNotFoundYet() {
        rig.kafka.send(PIN, 5);
        rig.worker(1).assign(PIN).commit();
        assertEquals(List.of(), rig.events);
    }

    @Test
    void commitsOnlyPartitionsAskedFor() {
        S3SinkTask task = new S3SinkTask(rig.clock, config -> rig.s3, config -> rig.kafka);
        rig.kafka.send(PIN, 2);
        rig.kafka.send(GEO, 2);
        new Worker(task, rig.kafka, Map.of("s3.bucket.name", "landing", "flush.size", "1"), null, rig.events)
                .assign(PIN, GEO).pollToEnd();
        assertEquals(Map.of(GEO, new OffsetAndMetadata(2, "geo-0:2:0")),
                task.preCommit(Map.of(GEO, new OffsetAndMetadata(2), new TopicPartition("pin", 7),
                        new OffsetAndMetadata(9))));
    }

    /** What is buffered goes to the partition's next owner by way of Kafka. */
    @Test
    void dropsWhatIsBufferedWithThePartition() {
        rig.kafka.send(PIN, 5);
        rig.kafka.send(GEO, 1);
        Worker former = rig.worker(3).assign(PIN, GEO).pollToEnd();
        former.revoke(PIN);
        Worker next = rig.worker(3).assign(PIN).pollToEnd();

        rig.endInterval();
        former.poll();
        assertEquals("0-2", rig.s3.landed(PIN));
        assertEquals("0-0", rig.s3.landed(GEO));
        next.poll();
        assertEquals("0-2 3-4", rig.s3.landed(PIN));
    }

    @Test
    void takesAPartitionThatComesBack() {
        rig.kafka.send(PIN, 5);
        Worker worker = rig.worker(3).assign(PIN).pollToEnd();
        worker.revoke(PIN);
        rig.kafka.send(PIN, 1);
        worker.assign(PIN).pollToEnd();
        assertEquals("0-2 3-5", rig.s3.landed(PIN));
    }

    /** Connect would not let it set the position of a partition that is another's by then. */
    @Test
    void looksForNoPartitionThatIsGone() {
        Worker worker = rig.worker(3).assign(PIN, GEO);
        worker.revoke(PIN);
        worker.poll();
        assertEquals(List.of("LIST topics/geo/partition=0/geo+0+"), rig.events);
    }

    @Test
    void stopsWithoutHavingStarted() {
        S3SinkTask task = new S3SinkTask();
        task.stop();
        assertEquals("unpackaged", task.version());
    }
}
