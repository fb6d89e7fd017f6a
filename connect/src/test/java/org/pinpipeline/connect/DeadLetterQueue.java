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

    /** @param events takes a line for each record that is in the queue */
    DeadLetterQueue(List<String> events) {
        this.events = events;
    }

    void breakDown() {
        broken = true;
    }

    /** What was reported: where it stood, and why. */
    List<String> letters() {
        return letters;
    }

    @Override
    public Future<Void> report(SinkRecord record, Throwable error) {
        String place = record.topic() + "-" + record.kafkaPartition() + "@" + record.kafkaOffset();
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
