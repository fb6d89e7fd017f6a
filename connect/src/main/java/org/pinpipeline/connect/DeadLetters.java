package org.pinpipeline.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;

/** Hands refused records to Connect's dead letter queue, and knows when they are there. */
final class DeadLetters {
    private final ErrantRecordReporter reporter;
    private final List<Future<Void>> underWay = new ArrayList<>();

    /** @param reporter null when the connector has no dead letter queue */
    DeadLetters(ErrantRecordReporter reporter) {
        this.reporter = reporter;
    }

    /** Throws ConnectException when there is no dead letter queue, or the connector tolerates no errors. */
    void report(SinkRecord record, RejectedRecordException reason) {
        if (reporter == null) {
            throw new ConnectException(position(record) + " cannot land: " + reason.getMessage()
                    + "; to go on past such records set errors.tolerance=all and"
                    + " errors.deadletterqueue.topic.name", reason);
        }
        underWay.add(reporter.report(record, reason));
    }

    /**
     * Returns once every reported record is in the dead letter queue. Nothing that says "past this record" may be
     * written before: after a crash nobody would read the record again.
     */
    void await() {
        try {
            for (Future<Void> report : underWay) {
                report.get();
            }
        } catch (ExecutionException e) {
            throw new ConnectException("a dead letter did not reach its queue: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("interrupted while a dead letter was on its way", e);
        }
        underWay.clear();
    }

    private static String position(SinkRecord record) {
        return record.originalTopic() + "-" + record.originalKafkaPartition() + " offset "
                + record.originalKafkaOffset();
    }
}
