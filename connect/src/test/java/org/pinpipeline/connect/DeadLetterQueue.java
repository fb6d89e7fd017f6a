package org.pinpipeline.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;

/** A dead letter queue that has a record no sooner than somebody waits for it. */
final class DeadLetterQueue implements ErrantRecordReporter {
    private final List<String> events;
    private final List<String> letters = new ArrayList<>();
    private boolean broken;
    private int largest = Integer.MAX_VALUE;
    private int refusals;

    /** @param events takes a line for each record that is in the queue */
    DeadLetterQueue(List<String> events) {
        this.events = events;
    }

    void breakDown() {
        broken = true;
    }

    /** Refuses values of more bytes, as Connect does: the report is done at once, whatever became of it. */
    void takeAtMost(int bytes) {
        largest = bytes;
    }

    /** Refuses the next so many records, as Connect does when no broker answers. */
    void refuse(int times) {
        refusals = times;
    }

    /** What was reported: where it stood, and why. */
    List<String> letters() {
        return letters;
    }

    @Override
    public Future<Void> report(SinkRecord record, Throwable error) {
        String place = record.topic() + "-" + record.kafkaPartition() + "@" + record.kafkaOffset();
        if (refusals > 0 || record.value() instanceof byte[] value && value.length > largest) {
            refusals--;
            return CompletableFuture.completedFuture(null);
        }
        letters.add(place + " " + error.getMessage());
        return new CompletableFuture<>() {
            @Override
            public Void get() throws ExecutionException {
                if (broken) {
                    throw new ExecutionException(new IllegalStateException("no leader"));
                }
                events.add("LETTER " + place);
                return null;
            }
        };
    }
}
