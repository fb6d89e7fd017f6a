package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.pinpipeline.connect.Rig.PIN;

import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of records that cannot land. */
class DeadLettersTest {
    private final Rig rig = new Rig();

    @Test
    void goAsideWithTheirReason() {
        rig.kafka.send(PIN, 1);
        rig.kafka.send(PIN, "[]");
        rig.kafka.send(PIN, "");
        rig.kafka.send(PIN, 1);
        Worker worker = rig.worker(1000).assign(PIN).pollToEnd();
        rig.endInterval();
        worker.poll();

        assertEquals("0-0,3-3", rig.s3.landed(PIN));
        assertEquals(List.of("pin-0@1 not a JSON object: array", "pin-0@2 empty value"), rig.deadLetters.letters());
    }

    @Test
    void areInTheirQueueBeforeAnythingSaysSo() {
        rig.kafka.send(PIN, 1);
        rig.kafka.send(PIN, "[]");
        rig.kafka.send(PIN, 2);
        Worker worker = rig.worker(2).assign(PIN).pollToEnd().commit();
        rig.kafka.send(PIN, "[]");
        worker.pollToEnd().commit();

        assertEquals(List.of(
                "LIST topics/pin/partition=0/pin+0+",
                "LETTER pin-0@1",
                "PUT topics/pin/partition=0/pin+0+0000000000.json",
                "COMMIT pin-0@3 pin-0:3:0",
                "LETTER pin-0@4",
                "COMMIT pin-0@3 pin-0:3:0"), rig.events);
        assertEquals("3", rig.s3.metadata("topics/pin/partition=0/pin+0+0000000000.json").get("kafka-next-offset"));
    }

    @Test
    void failTheTaskWhenTheirQueueFails() {
        rig.kafka.send(PIN, 1);
        rig.kafka.send(PIN, "[]");
        rig.kafka.send(PIN, 1);
        rig.deadLetters.breakDown();
        Worker worker = rig.worker(1000).assign(PIN);
        worker.poll();

        ConnectException failure = assertThrows(ConnectException.class, worker::poll);
        assertEquals(ConnectException.class, failure.getClass());
        assertEquals("a dead letter did not reach its queue: no leader", failure.getMessage());
        assertEquals(0, rig.s3.count());
    }

    /** No broker answered Connect's producer: it says so in its log only. */
    @Test
    void areReportedAgainWhenConnectDropsThem() {
        rig.kafka.send(PIN, "[]");
        rig.kafka.send(PIN, 1);
        rig.deadLetters.refuse(2);
        rig.worker(1).assign(PIN).pollToEnd().commit();

        assertEquals(List.of("pin-0@0 not a JSON object: array"), rig.deadLetters.letters());
        assertEquals("1-1", rig.s3.landed(PIN));
    }

    @Test
    void failTheTaskWhenConnectDropsThemEachTime() {
        rig.kafka.send(PIN, 1);
        rig.kafka.send(PIN, "[]");
        rig.deadLetters.refuse(1000);
        Worker worker = rig.worker(1).assign(PIN);
        worker.poll();

        for (int attempt = 1; attempt < 10; attempt++) {
            assertFalse(worker.poll());
        }
        ConnectException failure = assertThrows(ConnectException.class, worker::poll);
        assertEquals(ConnectException.class, failure.getClass());
        assertEquals("the dead letter queue did not take pin-0 offset 1: the worker's log says why"
                + " (\"Could not produce message to dead letter queue\")", failure.getMessage());
        assertEquals("0-0", rig.s3.landed(PIN));
    }

    /** Such a record can be in a topic: its limit counts compressed bytes. */
    @Test
    void areCutWhenTheQueueTakesNoMore() {
        rig.kafka.send(PIN, "\"" + "y".repeat(300_000) + "\"");
        rig.kafka.send(PIN, 1);
        rig.deadLetters.takeAtMost(200_000);
        rig.worker(1, "producer.override.max.request.size", "265536").assign(PIN).pollToEnd();

        assertEquals(List.of("pin-0@0 not a JSON object: string (only the first 200000 of its 300002 bytes are kept)"),
                rig.deadLetters.letters());
        assertEquals("1-1", rig.s3.landed(PIN));
    }

    /** Their offsets count on like those in objects' names: the same offset of two lives is two positions. */
    @Test
    void ofATopicThatWasCreatedAgainHaveOtherPositions() {
        rig.kafka.send(PIN, "[]");
        rig.kafka.send(PIN, 3);
        rig.worker(1).assign(PIN).pollToEnd().commit();
        rig.kafka.recreate("pin");
        rig.kafka.send(PIN, "[]");
        rig.worker(1).assign(PIN).pollToEnd();

        assertEquals(List.of("pin-0@0 not a JSON object: array", "pin-0@4 not a JSON object: array"),
                rig.deadLetters.letters());
    }

    @Test
    void failTheTaskWithoutAQueue() {
        rig.kafka.send(PIN, 1);
        rig.kafka.send(PIN, "[]");
        Worker worker = rig.workerWithoutDeadLetterQueue(1).assign(PIN);
        worker.poll();

        ConnectException failure = assertThrows(ConnectException.class, worker::poll);
        assertEquals(ConnectException.class, failure.getClass());
        assertEquals("pin-0 offset 1 cannot land: not a JSON object: array; to go on past such records set"
                + " errors.tolerance=all and errors.deadletterqueue.topic.name", failure.getMessage());
        assertEquals("0-0", rig.s3.landed(PIN));
    }

    /** Nothing but a committed offset tells of dead letters behind the last object. */
    @Test
    void areNotReportedAgainOnceCommitted() {
        rig.kafka.send(PIN, 1);
        rig.kafka.send(PIN, "[]");
        rig.worker(1).assign(PIN).pollToEnd().commit();
        rig.worker(1).assign(PIN).pollToEnd().commit();
        rig.kafka.send(PIN, 1);
        rig.worker(1).assign(PIN).pollToEnd();

        assertEquals(List.of("pin-0@1 not a JSON object: array"), rig.deadLetters.letters());
        assertEquals("0-0 2-2", rig.s3.landed(PIN));
    }

    /** At least once is what they are promised: after a crash they may be in their queue twice, but never not. */
    @Test
    void areReportedAgainAfterACrashBeforeTheyAreCommitted() {
        rig.kafka.send(PIN, "[]");
        rig.worker(1).assign(PIN).pollToEnd();
        rig.worker(1).assign(PIN).pollToEnd();
        assertEquals(List.of("pin-0@0 not a JSON object: array", "pin-0@0 not a JSON object: array"),
                rig.deadLetters.letters());
    }

    /** A fault before the dead letter, behind it, and of the object that it closes. */
    @ParameterizedTest
    @EnumSource(value = FakeS3.Fault.class, names = {"SLOW_DOWN", "CONNECTION_RESET", "ANSWER_LOST"})
    void areReportedOnceHoweverOftenABatchIsDelivered(FakeS3.Fault fault) {
        rig.kafka.send(PIN, 2);
        rig.kafka.send(PIN, "[]");
        rig.kafka.send(PIN, 1);
        rig.kafka.send(PIN, "[]");
        rig.kafka.send(PIN, 1);
        Worker worker = rig.worker(2).assign(PIN);
        worker.poll();
        rig.s3.fail(FakeS3.Operation.PUT, fault, 1);
        assertFalse(worker.poll());
        worker.poll();
        rig.s3.fail(FakeS3.Operation.PUT, fault, 1);
        assertFalse(worker.poll());
        worker.pollToEnd();
        rig.endInterval();
        worker.poll();

        assertEquals("0-1 3-3,5-5", rig.s3.landed(PIN));
        assertEquals(List.of("pin-0@2 not a JSON object: array", "pin-0@4 not a JSON object: array"),
                rig.deadLetters.letters());
    }
}
