package org.pinpipeline.connect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Hands refused records to Connect's dead letter queue, and knows when they are there.
 *
 * <p>Connect drops a report that its producer refuses at once, because the record is too large or no broker answers,
 * and returns a future that is done: kafka's RetryWithToleranceOperator keeps only futures that are not. So a report
 * that is done as soon as it is made was not sent.
 */
final class DeadLetters {
    /** Bytes that Connect's context headers, with a stack trace, and the record's framing may add. */
    private static final int CONTEXT = 64 * 1024;
    private static final int ATTEMPTS = 10;

    private final ErrantRecordReporter reporter;
    private final int largest;
    private final List<Future<Void>> underWay = new ArrayList<>();
    private int refusedInARow;

    /**
     * @param reporter null when the connector has no dead letter queue
     * @param largest most bytes of a record that the queue's producer sends
     */
    DeadLetters(ErrantRecordReporter reporter, int largest) {
        this.reporter = reporter;
        this.largest = largest;
    }

    /**
     * Reports the record. One that is too large for the queue goes there with the beginning of its value.
     *
     * @param name the record's offset in object names: it tells records of two topics of one name apart
     * @throws RetriableException when the queue did not take it, and may later
     * @throws ConnectException when there is no dead letter queue, the connector tolerates no errors, or the queue
     *     refused the record several times
     */
    void report(SinkRecord record, long name, RejectedRecordException reason) {
        if (reporter == null) {
            throw new ConnectException(position(record) + " cannot land: " + reason.getMessage()
                    + "; to go on past such records set errors.tolerance=all and"
                    + " errors.deadletterqueue.topic.name", reason);
        }
        int excess = weight(record) + CONTEXT - largest;
        Future<Void> report = excess > 0
                ? reporter.report(copy(record, name, cut(record, excess)), shortened(record, reason, excess))
                : reporter.report(name == record.originalKafkaOffset() ? record : copy(record, name, record.value()),
                        reason);
        if (report.isDone()) {
            String problem = "the dead letter queue did not take " + position(record)
                    + ": the worker's log says why (\"Could not produce message to dead letter queue\")";
            throw ++refusedInARow < ATTEMPTS ? new RetriableException(problem) : new ConnectException(problem, reason);
        }
        refusedInARow = 0;
        underWay.add(report);
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

    /** The record under another offset, and with another value. Connect sends such a copy as it is. */
    private static SinkRecord copy(SinkRecord record, long offset, Object value) {
        return new SinkRecord(record.originalTopic(), record.originalKafkaPartition(), record.keySchema(),
                record.key(), record.valueSchema(), value, offset, record.timestamp(), record.timestampType(),
                record.headers());
    }

    private static byte[] cut(SinkRecord record, int excess) {
        byte[] value = LineFormat.bytes(record.value(), "value.converter");
        return value == null ? null : Arrays.copyOf(value, Math.max(0, value.length - excess));
    }

    private static RejectedRecordException shortened(SinkRecord record, RejectedRecordException reason, int excess) {
        int length = length(record.value());
        return new RejectedRecordException(reason.getMessage() + " (only the first " + Math.max(0, length - excess)
                + " of its " + length + " bytes are kept)");
    }

    private static int weight(SinkRecord record) {
        int bytes = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() * 3 + length(header.value());
        }
        return bytes;
    }

    private static int length(Object value) {
        return value == null ? 0 : value instanceof byte[] bytes ? bytes.length : value.toString().length() * 3;
    }

    private static String position(SinkRecord record) {
        return record.originalTopic() + "-" + record.originalKafkaPartition() + " offset "
                + record.originalKafkaOffset();
    }
}
