package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.pinpipeline.connect.Rig.GEO;
import static org.pinpipeline.connect.Rig.PIN;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pinpipeline.connect.FakeS3.Fault;
import org.pinpipeline.connect.FakeS3.Operation;

/** Each record lands exactly once and in order, whatever S3, the worker or another task does. */
class S3FaultsTest {
    private static final Map<Integer, String> LANDED = Map.of(
            1, "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9",
            3, "0-2 3-3 4-6 7-9",
            1000, "0-3 4-9");

    private final Rig rig = new Rig();

    /** Four records land, the worker dies, six more land; in between, some requests of one kind fail. */
    @ParameterizedTest
    @MethodSource
    void landsOnceWhenS3Fails(Fault fault, Operation operation, int times, int flushSize) {
        rig.kafka.send(PIN, 4);
        Worker former = rig.worker(flushSize).assign(PIN);
        if (operation == Operation.PUT) {
            rig.s3.fail(operation, fault, times);
        }
        former.pollToEnd();
        rig.endInterval();
        former.pollToEnd();

        rig.kafka.send(PIN, 6);
        Worker worker = rig.worker(flushSize).assign(PIN);
        rig.s3.fail(operation, fault, times);
        if (operation != Operation.PUT) {
            assertFalse(worker.poll());
            assertEquals(5000, worker.timeoutMs());
        }
        worker.pollToEnd();
        rig.endInterval();
        worker.pollToEnd().commit();

        assertEquals(0, rig.s3.faultsLeft());
        assertEquals(LANDED.get(flushSize), rig.s3.landed(PIN));
        assertEquals(new OffsetAndMetadata(10, "pin-0:10:0"), rig.kafka.committed(PIN));
    }

    static Stream<Arguments> landsOnceWhenS3Fails() {
        return Stream.of(Fault.INTERNAL_ERROR, Fault.SLOW_DOWN, Fault.TOO_MANY_REQUESTS, Fault.THROTTLED,
                        Fault.CONNECTION_RESET, Fault.ANSWER_LOST)
                .flatMap(fault -> Stream.of(Operation.values())
                        .flatMap(operation -> Stream.of(1, 3)
                                .flatMap(times -> Stream.of(1, 3, 1000)
                                        .map(size -> Arguments.of(fault, operation, times, size)))));
    }

    /** The object was stored, nobody heard of it, and the question whether it is there fails as well. */
    @Test
    void failsWhenTheBucketIsInAnotherRegion() {
        rig.kafka.send(PIN, 2);
        rig.s3.fail(Operation.PUT, Fault.MOVED, 5);
        Worker worker = rig.worker(1).assign(PIN);
        assertEquals(ConnectException.class, assertThrows(ConnectException.class, worker::pollToEnd).getClass());
    }

    @Test
    void goesOnWhenItsTokenHasExpired() {
        rig.kafka.send(PIN, 2);
        rig.s3.fail(Operation.PUT, Fault.EXPIRED, 1);
        rig.worker(1).assign(PIN).pollToEnd();
        assertEquals("0-0 1-1", rig.s3.landed(PIN));
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"INTERNAL_ERROR", "SLOW_DOWN", "TOO_MANY_REQUESTS", "CONNECTION_RESET"})
    void landsOnceWhenS3FailsToTellWhatItHas(Fault fault) {
        rig.kafka.send(PIN, 4);
        rig.s3.fail(Operation.PUT, Fault.ANSWER_LOST, 1);
        rig.s3.fail(Operation.HEAD, fault, 2);
        rig.worker(2).assign(PIN).pollToEnd();
        assertEquals(0, rig.s3.faultsLeft());
        assertEquals(List.of(
                "LIST topics/pin/partition=0/pin+0+",
                "PUT topics/pin/partition=0/pin+0+0000000000.json",
                "PUT topics/pin/partition=0/pin+0+0000000000.json",
                "HEAD topics/pin/partition=0/pin+0+0000000000.json",
                "PUT topics/pin/partition=0/pin+0+0000000000.json",
                "HEAD topics/pin/partition=0/pin+0+0000000000.json",
                "PUT topics/pin/partition=0/pin+0+0000000000.json",
                "HEAD topics/pin/partition=0/pin+0+0000000000.json",
                "PUT topics/pin/partition=0/pin+0+0000000002.json"), rig.events);
        assertEquals("0-1 2-3", rig.s3.landed(PIN));
    }

    /** Two writers asked for one name at once, and S3 wants to be asked again. */
    @Test
    void landsOnceAfterAConflict() {
        rig.kafka.send(PIN, 2);
        rig.s3.fail(Operation.PUT, Fault.CONFLICT, 1);
        rig.worker(2).assign(PIN).pollToEnd();
        assertEquals("0-1", rig.s3.landed(PIN));
    }

    @Test
    void holdsOtherPartitionsBackButLosesNoneOfThem() {
        rig.kafka.send(GEO, 3);
        rig.kafka.send(PIN, 3);
        Worker worker = rig.worker(2).assign(GEO, PIN);
        worker.poll();
        rig.s3.fail(Operation.PUT, Fault.ANSWER_LOST, 2);
        worker.pollToEnd();
        rig.endInterval();
        worker.poll();
        assertEquals("0-1 2-2", rig.s3.landed(GEO));
        assertEquals("0-1 2-2", rig.s3.landed(PIN));
    }

    @Test
    void commitsNothingBeyondS3WhileS3Fails() {
        rig.kafka.send(PIN, 4);
        Worker worker = rig.worker(2).assign(PIN);
        worker.poll();
        rig.s3.failRequest(3, Fault.SLOW_DOWN);
        assertFalse(worker.poll());
        worker.commit();
        assertEquals("0-1", rig.s3.landed(PIN));
        // Connect takes no offset of a batch that is not through; S3 would be right about it.
        assertEquals(null, rig.kafka.committed(PIN));
        worker.poll();
        worker.commit();
        assertEquals(new OffsetAndMetadata(4, "pin-0:4:0"), rig.kafka.committed(PIN));
    }

    /** What no repetition mends fails the task, and tells which request of which bucket was refused. */
    @ParameterizedTest
    @CsvSource({
        "LIST, LIST topics/pin/partition=0/pin+0+",
        "HEAD, HEAD topics/pin/partition=0/pin+0+0000000001.json",
        "PUT, PUT topics/pin/partition=0/pin+0+0000000002.json",
    })
    void failsTheTaskWhenS3Refuses(Operation operation, String request) {
        rig.kafka.send(PIN, 2);
        rig.worker(1).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 1);
        rig.s3.fail(operation, Fault.ACCESS_DENIED, 1);
        Worker worker = rig.worker(1).assign(PIN);
        ConnectException failure = assertThrows(ConnectException.class, worker::pollToEnd);

        assertEquals(ConnectException.class, failure.getClass());
        assertEquals("S3 bucket landing: " + request
                + " failed: AccessDenied (Service: S3, Status Code: 403, Request ID: null)", failure.getMessage());
        assertEquals("0-0 1-1", rig.s3.landed(PIN));
    }

    /** The worker dies at each request in turn, before S3 did as it was asked and after. */
    @ParameterizedTest
    @MethodSource
    void landsOnceWhenTheWorkerDiesAtARequest(Fault death, int request, int flushSize) {
        rig.kafka.send(PIN, 4);
        rig.kafka.send(GEO, 4);
        rig.s3.failRequest(request, death);
        Worker former = rig.worker(flushSize).assign(PIN, GEO);
        assertThrows(FakeS3.Death.class, () -> {
            former.pollToEnd().commit();
            rig.endInterval();
            former.pollToEnd().commit();
            rig.kafka.send(PIN, 3);
            former.pollToEnd().commit();
            rig.endInterval();
            former.pollToEnd().commit();
        });
        rig.kafka.send(PIN, (int) (7 - rig.kafka.end(PIN)));
        Worker worker = rig.worker(flushSize).assign(PIN, GEO).pollToEnd();
        rig.endInterval();
        worker.pollToEnd();

        assertEquals("{\"n\":0}{\"n\":1}{\"n\":2}{\"n\":3}{\"n\":4}{\"n\":5}{\"n\":6}", rig.lines(PIN));
        assertEquals("{\"n\":0}{\"n\":1}{\"n\":2}{\"n\":3}", rig.lines(GEO));
    }

    /** Two LISTs, and for PIN's 7 and GEO's 4 records this many PUTs. */
    static Stream<Arguments> landsOnceWhenTheWorkerDiesAtARequest() {
        Map<Integer, Integer> requests = Map.of(1, 2 + 7 + 4, 3, 2 + 3 + 2, 1000, 2 + 2 + 1);
        return Stream.of(Fault.WORKER_DIES_BEFORE, Fault.WORKER_DIES_AFTER)
                .flatMap(death -> Stream.of(1, 3, 1000)
                        .flatMap(size -> IntStream.rangeClosed(1, requests.get(size))
                                .mapToObj(request -> Arguments.of(death, request, size))));
    }

    /** The worker dies between any two of: batches, ends of intervals, commits. */
    @ParameterizedTest
    @MethodSource
    void landsOnceWhenTheWorkerDiesBetweenSteps(int step, int flushSize) {
        rig.kafka.send(PIN, 10);
        List<Worker> worker = new ArrayList<>(List.of(rig.worker(flushSize).assign(PIN)));
        List<Runnable> steps = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            steps.add(() -> worker.get(0).poll());
            steps.add(() -> worker.get(0).commit());
            steps.add(rig::endInterval);
            steps.add(() -> worker.get(0).poll());
            steps.add(() -> worker.get(0).commit());
        }
        steps.add(step, () -> worker.set(0, rig.worker(flushSize).assign(PIN)));
        steps.forEach(Runnable::run);
        worker.get(0).pollToEnd();
        rig.endInterval();
        worker.get(0).poll();

        assertEquals("{\"n\":0}{\"n\":1}{\"n\":2}{\"n\":3}{\"n\":4}{\"n\":5}{\"n\":6}{\"n\":7}{\"n\":8}{\"n\":9}",
                rig.lines(PIN));
    }

    static Stream<Arguments> landsOnceWhenTheWorkerDiesBetweenSteps() {
        return Stream.of(1, 3, 1000)
                .flatMap(size -> IntStream.rangeClosed(0, 20).mapToObj(step -> Arguments.of(step, size)));
    }

    /** The former owner writes 0 to 5 under the name under which the new one has landed 0 to 4. */
    @Test
    void yieldsToTheNewOwnerOfAPartition() {
        rig.kafka.send(PIN, 2);
        Worker former = rig.worker(1000).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 3);
        Worker owner = rig.worker(1000).assign(PIN).pollToEnd();
        rig.endInterval();
        owner.poll();

        rig.kafka.send(PIN, 1);
        assertFalse(former.poll());
        assertEquals(5000, former.timeoutMs());
        former.commit();
        assertEquals(null, rig.kafka.committed(PIN));
        former.pollToEnd();
        rig.endInterval();
        former.poll();
        assertEquals("0-4 5-5", rig.s3.landed(PIN));

        owner.pollToEnd();
        rig.endInterval();
        owner.poll();
        owner.commit();
        assertEquals(new OffsetAndMetadata(6, "pin-0:6:0"), rig.kafka.committed(PIN));
    }

    /** Both write the same records under the same name: to each, its object is there. */
    @Test
    void takesTheSameObjectOfAnotherOwnerForItsOwn() {
        rig.kafka.send(PIN, 3);
        Worker former = rig.worker(1000).assign(PIN).pollToEnd();
        Worker owner = rig.worker(1000).assign(PIN).pollToEnd();
        rig.endInterval();
        owner.poll();
        former.poll();
        former.commit();
        assertEquals(new OffsetAndMetadata(3, "pin-0:3:0"), rig.kafka.committed(PIN));
        assertEquals("0-2", rig.s3.landed(PIN));
    }

    /** The new owner finds that the former has got ahead of it. */
    @Test
    void goesOnBehindWhatTheFormerOwnerStillLanded() {
        rig.kafka.send(PIN, 3);
        Worker former = rig.worker(2).assign(PIN).pollToEnd();
        Worker owner = rig.worker(2).assign(PIN).pollToEnd();
        rig.kafka.send(PIN, 3);
        former.pollToEnd();
        owner.pollToEnd();
        assertEquals("0-1 2-3 4-5", rig.s3.landed(PIN));
    }

    /**
     * Tasks of two workers own the partition by turns or at once, die, commit, meet faults, and get records, dead
     * letters and gaps, in an order that the seed decides.
     */
    @ParameterizedTest
    @MethodSource
    void landsOnceWhateverHappens(long seed) {
        Random random = new Random(seed);
        int flushSize = List.of(1, 2, 3, 7, 1000).get(random.nextInt(5));
        List<Worker> workers = new ArrayList<>(
                List.of(rig.worker(flushSize).assign(PIN), rig.worker(flushSize).assign(PIN)));
        List<String> lines = new ArrayList<>();
        List<String> letters = new ArrayList<>();
        Fault[] faults = {Fault.INTERNAL_ERROR, Fault.SLOW_DOWN, Fault.CONNECTION_RESET, Fault.ANSWER_LOST};
        for (int i = 0; i < 300; i++) {
            int one = random.nextInt(2);
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> {
                    lines.add("{\"n\":" + rig.kafka.end(PIN) + "}");
                    rig.kafka.send(PIN, 1);
                }
                case 3 -> {
                    if (random.nextBoolean()) {
                        rig.kafka.mark(PIN);
                    } else {
                        letters.add("pin-0@" + rig.kafka.end(PIN) + " null value");
                        rig.kafka.sendNull(PIN);
                    }
                }
                case 4 -> rig.s3.fail(Operation.values()[random.nextInt(3)], faults[random.nextInt(4)], 1);
                case 5 -> rig.endInterval();
                case 6 -> workers.get(one).commit();
                case 7 -> {
                    if (random.nextInt(3) == 0) {
                        workers.set(one, rig.worker(flushSize).assign(PIN));
                    }
                }
                default -> workers.get(one).poll();
            }
        }
        Worker last = rig.worker(flushSize).assign(PIN).pollToEnd();
        rig.endInterval();
        last.pollToEnd();

        assertEquals(String.join("", lines), rig.lines(PIN));
        assertEquals(letters, rig.deadLetters.letters().stream().distinct().sorted(
                Comparator.comparingInt(letter -> Integer.parseInt(letter.split("[@ ]")[1]))).toList());
    }

    static LongStream landsOnceWhateverHappens() {
        return LongStream.range(0, 200);
    }
}
