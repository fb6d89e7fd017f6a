package org.pinpipeline.connect;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lands one partition's records, in order. A record's position is the offset in the object's name plus the line's
 * number: an offset without a record (a dead letter, a transaction's marker) is an empty line, and a wide gap of them
 * begins a new object.
 *
 * <p>Every method may throw RetriableException; what was taken until then stays taken.
 */
final class PartitionWriter {
    /** Most offsets without a record that an object goes on over, each as an empty line. */
    static final int WIDEST_GAP = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(PartitionWriter.class);

    private final TopicPartition partition;
    private final S3Store store;
    private final ObjectNames names;
    private final LineFormat format;
    private final Rotation rotation;
    private final DeadLetters deadLetters;
    private final Clock clock;
    private final ObjectBuffer buffer = new ObjectBuffer();
    private Landed landed;
    private long position;

    PartitionWriter(
            Recovery.Start start,
            S3Store store,
            ObjectNames names,
            LineFormat format,
            Rotation rotation,
            DeadLetters deadLetters,
            Clock clock) {
        this.partition = start.partition();
        this.landed = start.landed();
        this.position = start.offset();
        this.store = store;
        this.names = names;
        this.format = format;
        this.rotation = rotation;
        this.deadLetters = deadLetters;
        this.clock = clock;
    }

    /** Takes the record at {@link #position} or, when Kafka has none there, at the next offset that it has. */
    void take(SinkRecord record) {
        if (rotation.isFull(buffer)) {
            // An earlier attempt failed, or seemed to. What it may have stored ends at the position as it is still.
            flush();
        }
        long offset = record.originalKafkaOffset();
        byte[] line;
        try {
            line = format.line(record);
        } catch (RejectedRecordException reason) {
            deadLetters.report(record, landed.nameOf(offset), reason);
            position = offset + 1;
            return;
        }
        long gap = buffer.isEmpty() ? 0 : offset - buffer.nextOffset();
        if (gap > WIDEST_GAP || !rotation.hasRoom(buffer, line)) {
            flush();
        }
        buffer.append(offset, line, rotation.endOfInterval(clock.millis()));
        position = offset + 1;
        if (rotation.isFull(buffer)) {
            flush();
        }
    }

    /**
     * Goes on at {@code next}, after everything from the position on was dropped by Kafka before it could land: an
     * empty object says so, by its name, to whoever counts what landed.
     */
    void skipMissing(long next) {
        if (!buffer.isEmpty()) {
            flush();
        }
        deadLetters.await();
        Landed after = landed.upTo(next);
        String key = names.missingKey(partition, landed.nameOf(position), landed.nameOf(next));
        LOG.warn("{}: {} offsets from {} on were gone from Kafka before they landed", partition, next - position,
                position);
        put(key, ByteBuffer.allocate(0), after);
        position = next;
    }

    /** Writes what is buffered, if it is full or its time has come. */
    void flushIfDue() {
        if (!buffer.isEmpty() && (rotation.isFull(buffer) || clock.millis() >= dueMs())) {
            flush();
        }
    }

    /** When {@link #flushIfDue} is to be called. */
    long dueMs() {
        return buffer.dueMs();
    }

    /** Offset after the last record taken. */
    long position() {
        return position;
    }

    /** The offset to commit: all before it is in S3 or in the dead letter queue. The note tells what is in S3. */
    OffsetAndMetadata committable() {
        return new OffsetAndMetadata(buffer.isEmpty() ? position : buffer.firstOffset(), landed.toNote());
    }

    private void flush() {
        deadLetters.await();
        Landed next = landed.upTo(position);
        put(names.key(partition, landed.nameOf(buffer.firstOffset())), buffer.content(), next);
        buffer.clear();
    }

    private void put(String key, ByteBuffer content, Landed next) {
        // An earlier attempt of ours may have been stored although its answer was lost; then all is well.
        if (!store.putIfAbsent(key, content, next.toMetadata()) && !isThere(key, next)) {
            throw new OvertakenException(partition, key);
        }
        landed = next;
    }

    private boolean isThere(String key, Landed expected) {
        return store.metadata(key).flatMap(Landed::ofMetadata).equals(Optional.of(expected));
    }
}
