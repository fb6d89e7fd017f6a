package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.pinpipeline.connect.Rig.GEO;
import static org.pinpipeline.connect.Rig.PIN;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a task goes on: behind what S3 holds. */
class RecoveryTest {
    private static final String AT = "topics/pin/partition=0/pin+0+";

    private final Rig rig = new Rig();

    /** Whatever was committed: nothing, too little, too much, by somebody else, or of another last object. */
    @ParameterizedTest
    @CsvSource({
        "0, ''", "2, ''", "5, ''", "9, ''", "2, pin-0:2:0", "5, pin-0:5:0", "9, pin-0:8:0", "9, pin-7:5:0",
        "9, pin-0:5:1", "9, note",
    })
    void goesOnBehindTheLastObject(long committed, String note) {
        rig.kafka.send(PIN, 5);
        rig.worker(1).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 5);
        rig.kafka.commit(PIN, new OffsetAndMetadata(committed, note));

        rig.worker(1).assign(PIN).pollToEnd();
        assertEquals("0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9", rig.s3.landed(PIN));
    }

    @ParameterizedTest
    @CsvSource({"0", "3"})
    void beginsAtTheBeginningWhereS3HoldsNothing(long committed) {
        rig.kafka.send(PIN, 5);
        rig.kafka.commit(PIN, new OffsetAndMetadata(committed));
        rig.worker(5).assign(PIN).pollToEnd();
        assertEquals("0-4", rig.s3.landed(PIN));
    }

    @Test
    void needsToKnowNothingOfKafka() {
        rig.kafka.tellNothing();
        rig.kafka.send(PIN, 5);
        rig.worker(3).assign(PIN).pollToEnd().commit();
        Worker worker = rig.worker(3).assign(PIN).pollToEnd();
        rig.endInterval();
        worker.poll();
        assertEquals("0-2 3-4", rig.s3.landed(PIN));
        assertEquals(Map.of("kafka-next-offset", "5", "name-offset-shift", "0"),
                rig.s3.metadata(AT + "0000000003.json"));
    }

    @Test
    void waitsForKafkaToAnswer() {
        rig.kafka.send(PIN, 2);
        rig.kafka.fail(3);
        Worker worker = rig.worker(2).assign(PIN);
        assertFalse(worker.poll());
        assertEquals(5000, worker.timeoutMs());
        worker.pollToEnd();
        assertEquals("0-1", rig.s3.landed(PIN));
    }

    /** Pages of 1,000, 1,000 and 500 names, and one without any. */
    @Test
    void findsTheLastOfMoreThanAThousandObjects() {
        rig.kafka.send(PIN, 2500);
        rig.worker(1).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 1);
        rig.events.clear();

        rig.worker(1).assign(PIN).pollToEnd();
        assertEquals(List.of(
                "LIST topics/pin/partition=0/pin+0+",
                "LIST topics/pin/partition=0/pin+0+",
                "LIST topics/pin/partition=0/pin+0+",
                "LIST topics/pin/partition=0/pin+0+",
                "HEAD topics/pin/partition=0/pin+0+0000002499.json",
                "PUT topics/pin/partition=0/pin+0+0000002500.json"), rig.events);
        assertEquals(2501, rig.s3.count());
    }

    @Test
    void looksNearTheLastObjectThatWasCommitted() {
        rig.kafka.send(PIN, 2500);
        rig.worker(1).assign(PIN).pollToEnd().commit();
        rig.events.clear();

        rig.worker(1).assign(PIN).pollToEnd();
        assertEquals(List.of(
                "LIST topics/pin/partition=0/pin+0+",
                "LIST topics/pin/partition=0/pin+0+",
                "HEAD topics/pin/partition=0/pin+0+0000002499.json"), rig.events);
    }

    /** Where objects are larger than flush.size says now, the last one's name lies before where it is looked for. */
    @Test
    void looksEverywhereWhenNothingIsNear() {
        rig.kafka.send(PIN, 100);
        rig.worker(100).assign(PIN).pollToEnd().commit();
        rig.kafka.send(PIN, 2);
        rig.worker(2).assign(PIN).pollToEnd();
        assertEquals("0-99 100-101", rig.s3.landed(PIN));
    }

    /** Names longer than their padding do not sort by offset: here 9 comes last, and nothing committed tells of 10. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void findsTheLastObjectByItsNumber(boolean committed) {
        String[] noPadding = {"filename.offset.zero.pad.width", "1"};
        rig.kafka.send(PIN, 10);
        Worker worker = rig.worker(1, noPadding).assign(PIN).pollToEnd();
        if (committed) {
            worker.commit();
        }
        rig.kafka.send(PIN, 2);
        worker.pollToEnd();
        rig.kafka.send(PIN, 1);
        rig.events.clear();

        rig.worker(1, noPadding).assign(PIN).pollToEnd();
        assertEquals(List.of(
                "LIST topics/pin/partition=0/pin+0+",
                "LIST topics/pin/partition=0/pin+0+",
                "HEAD topics/pin/partition=0/pin+0+11.json",
                "PUT topics/pin/partition=0/pin+0+12.json"), rig.events);
    }

    @Test
    void goesOnWithShorterPadding() {
        rig.kafka.send(PIN, 2);
        rig.worker(2).assign(PIN).pollToEnd().commit();
        rig.kafka.send(PIN, 2);
        rig.worker(2, "filename.offset.zero.pad.width", "4").assign(PIN).pollToEnd();
        assertEquals(Map.of(
                AT + "0000000000.json", "{\"n\":0}\n{\"n\":1}\n",
                AT + "0002.json", "{\"n\":2}\n{\"n\":3}\n"), rig.s3.contents());
    }

    /** Names of shorter padding are not taken for this sink's: everything would land again beside them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesLongerPadding(boolean committed) {
        rig.kafka.send(PIN, 2);
        Worker worker = rig.worker(2).assign(PIN).pollToEnd();
        if (committed) {
            worker.commit();
        }
        Worker padding = rig.worker(2, "filename.offset.zero.pad.width", "12").assign(PIN);
        assertEquals(AT + "0000000000.json has fewer digits than filename.offset.zero.pad.width asks for: set that"
                + " key to what it was, or choose another topics.dir",
                assertThrows(ConnectException.class, padding::poll).getMessage());
        assertEquals(1, rig.s3.count());
    }

    @Test
    void passesOverObjectsOfOtherNames() {
        for (String name : new String[] {"_SUCCESS", "9999999999.json.tmp", "9999999999.avro", "copy.json",
                "9999999999999999999.json"}) {
            rig.s3.store(AT + name, "", Map.of());
        }
        rig.s3.store("topics/pin/partition=01/pin+01+0000000005.json", "", Map.of());
        rig.kafka.send(PIN, 2);
        rig.worker(2).assign(PIN).pollToEnd();
        assertEquals("{\"n\":0}\n{\"n\":1}\n", rig.s3.contents().get(AT + "0000000000.json"));
    }

    /** Retention overtook a sink that stood: S3 says which offsets never landed. */
    @Test
    void saysWhatKafkaDroppedWhileTheSinkStood() {
        rig.kafka.send(PIN, 3);
        rig.worker(1).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 5);
        rig.kafka.dropBefore(PIN, 6);
        rig.worker(1).assign(PIN).pollToEnd();
        rig.worker(1).assign(PIN).pollToEnd();

        assertEquals("0-0 1-1 2-2 6-6 7-7", rig.s3.landed(PIN));
        assertEquals(List.of("topics/pin/partition=0/pin+0+0000000003+0000000006.missing"), missing());
        assertEquals("6", rig.s3.metadata(missing().get(0)).get("kafka-next-offset"));
    }

    /** What is buffered lands first: Kafka may have dropped it as well. */
    @Test
    void saysWhatKafkaDropsWhileTheSinkRuns() {
        rig.kafka.send(PIN, 3);
        Worker worker = rig.worker(1000).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 5);
        rig.kafka.dropBefore(PIN, 6);
        worker.pollToEnd();
        rig.endInterval();
        worker.poll();

        assertEquals("0-2 6-7", rig.s3.landed(PIN));
        assertEquals(List.of("topics/pin/partition=0/pin+0+0000000003+0000000006.missing"), missing());
    }

    /** All of it is gone, and nothing new came. */
    @Test
    void saysWhatKafkaDroppedOfATopicThatNeverLanded() {
        rig.kafka.send(PIN, 2);
        rig.kafka.dropBefore(PIN, 2);
        rig.worker(1).assign(PIN).pollToEnd();

        assertEquals("", rig.s3.landed(PIN));
        assertEquals(List.of("topics/pin/partition=0/pin+0+0000000000+0000000002.missing"), missing());
    }

    @ParameterizedTest
    @EnumSource(value = FakeS3.Fault.class,
            names = {"SLOW_DOWN", "ANSWER_LOST", "WORKER_DIES_BEFORE", "WORKER_DIES_AFTER"})
    void saysOnceWhatKafkaDroppedWhateverFails(FakeS3.Fault fault) {
        rig.kafka.send(PIN, 4);
        rig.kafka.dropBefore(PIN, 2);
        rig.s3.fail(FakeS3.Operation.PUT, fault, 1);
        try {
            rig.worker(1).assign(PIN).pollToEnd();
        } catch (FakeS3.Death death) {
            rig.worker(1).assign(PIN).pollToEnd();
        }

        assertEquals("2-2 3-3", rig.s3.landed(PIN));
        assertEquals(List.of("topics/pin/partition=0/pin+0+0000000000+0000000002.missing"), missing());
    }

    /** The marks of transactions take offsets too, and were never records. */
    @Test
    void doesNotTakeTheMarksOfTransactionsForALoss() {
        rig.kafka.send(PIN, 1);
        rig.kafka.mark(PIN);
        rig.kafka.send(PIN, 1);
        rig.worker(1).assign(PIN).pollToEnd();

        assertEquals("0-0 2-2", rig.s3.landed(PIN));
        assertEquals(List.of(), missing());
    }

    /** A group that somebody reset, to the beginning or to the end: S3 says where to go on. */
    @ParameterizedTest
    @ValueSource(longs = {0, 2, 5})
    void goesOnWhereS3EndsWhenItsGroupWasReset(long offset) {
        rig.kafka.send(PIN, 3);
        rig.worker(1).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 2);
        rig.kafka.commit(PIN, new OffsetAndMetadata(offset));
        rig.worker(1).assign(PIN).pollToEnd();

        assertEquals("0-0 1-1 2-2 3-3 4-4", rig.s3.landed(PIN));
    }

    private List<String> missing() {
        return rig.s3.contents().keySet().stream().filter(key -> key.endsWith(".missing")).toList();
    }

    @Test
    void refusesObjectsOfAnotherSink() {
        rig.s3.store(AT + "0000000000.json", "{}\n", Map.of("written-by", "another"));
        rig.kafka.send(PIN, 2);
        Worker worker = rig.worker(2).assign(PIN);
        ConnectException failure = assertThrows(ConnectException.class, worker::poll);
        assertEquals(ConnectException.class, failure.getClass());
        assertEquals("topics/pin/partition=0/pin+0+0000000000.json lacks this sink's metadata, so that it does not"
                + " tell where to go on: move it and its like away, or choose another topics.dir",
                failure.getMessage());
        assertEquals(1, rig.s3.count());
    }

    /** The new topic's names go on where those of the former end: 5, whatever its own offsets are. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 9})
    void landsATopicThatWasMadeAnewWhileTheSinkStood(int sent) {
        rig.kafka.send(PIN, 5);
        rig.worker(5).assign(PIN).pollToEnd().commit();
        rig.kafka.recreate("pin");
        rig.kafka.send(PIN, sent);
        rig.worker(1).assign(PIN).pollToEnd();
        assertMadeAnew(sent);

        // It goes on there after a crash, too.
        rig.worker(1).assign(PIN).pollToEnd();
        assertMadeAnew(sent);
        assertEquals(Map.of("kafka-topic-id", "pin-1", "kafka-next-offset", "1", "name-offset-shift", "5"),
                rig.s3.metadata(AT + "0000000005.json"));
    }

    /** An earlier fault of S3 is forgotten by then. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void landsATopicThatWasMadeAnewWhileTheSinkRan(int sent) {
        rig.kafka.send(PIN, 5);
        rig.s3.fail(FakeS3.Operation.PUT, FakeS3.Fault.SLOW_DOWN, 1);
        Worker worker = rig.worker(5).assign(PIN).pollToEnd();
        rig.kafka.recreate("pin");
        rig.kafka.send(PIN, sent);
        worker.pollToEnd();
        rig.endInterval();
        worker.poll();

        assertEquals(2, rig.s3.count());
        StringBuilder lines = new StringBuilder();
        for (int n = 0; n < sent; n++) {
            lines.append("{\"n\":").append(n).append("}\n");
        }
        assertEquals(lines.toString(), rig.s3.contents().get(AT + "0000000005.json"));
    }

    @Test
    void landsATopicThatWasMadeAnewTwice() {
        for (int life = 0; life < 3; life++) {
            rig.kafka.send(PIN, 2);
            rig.worker(2).assign(PIN).pollToEnd();
            rig.kafka.recreate("pin");
        }
        assertEquals(Map.of(
                AT + "0000000000.json", "{\"n\":0}\n{\"n\":1}\n",
                AT + "0000000002.json", "{\"n\":0}\n{\"n\":1}\n",
                AT + "0000000004.json", "{\"n\":0}\n{\"n\":1}\n"), rig.s3.contents());
    }

    /**
     * Delivered again, records below the writer's position have mostly been taken; these have not: S3 failed for
     * another topic before they were looked at.
     */
    @Test
    void landsATopicThatWasMadeAnewWhileS3Fails() {
        rig.kafka.send(PIN, 2);
        Worker worker = rig.worker(1).assign(GEO, PIN).pollToEnd();
        rig.kafka.recreate("pin");
        worker.poll();
        rig.kafka.send(GEO, 1);
        rig.kafka.send(PIN, 3);
        rig.s3.fail(FakeS3.Operation.PUT, FakeS3.Fault.SLOW_DOWN, 1);
        assertFalse(worker.poll());
        worker.pollToEnd();

        assertEquals(Map.of(
                AT + "0000000000.json", "{\"n\":0}\n",
                AT + "0000000001.json", "{\"n\":1}\n",
                AT + "0000000002.json", "{\"n\":0}\n",
                AT + "0000000003.json", "{\"n\":1}\n",
                AT + "0000000004.json", "{\"n\":2}\n",
                "topics/geo/partition=0/geo+0+0000000000.json", "{\"n\":0}\n"), rig.s3.contents());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesATopicThatWasMadeAnewWhereIdsAreUnknown(boolean running) {
        rig.kafka.tellNothing();
        rig.kafka.send(PIN, 5);
        Worker worker = rig.worker(5).assign(PIN).pollToEnd().commit();
        rig.kafka.recreate("pin");
        rig.kafka.send(PIN, 3);

        Worker now = running ? worker : rig.worker(5).assign(PIN);
        ConnectException failure = assertThrows(ConnectException.class, now::pollToEnd);
        assertEquals(ConnectException.class, failure.getClass());
        assertEquals("pin-0 yields offset 0 where S3 ends with 5: either the topic was created anew and"
                + " kafka.admin.bootstrap.servers is not set, so that its id is unknown, or Kafka lost records. Set"
                + " that key, or move the partition's objects away to land it from its beginning",
                failure.getMessage());
        assertEquals("0-4", rig.s3.landed(PIN));
    }

    private void assertMadeAnew(int sent) {
        assertEquals(1 + sent, rig.s3.count());
        for (int n = 0; n < sent; n++) {
            assertEquals("{\"n\":" + n + "}\n", rig.s3.contents().get(String.format(AT + "%010d.json", 5 + n)));
        }
    }
}
