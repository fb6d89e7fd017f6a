package org.pinpipeline.connect;

import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * One task of the connector: finds where each of its partitions goes on, and hands records to the partition's writer.
 *
 * <p>Where to go on is found in {@link #put} rather than in {@link #open}: Connect calls put again after a fault of
 * S3, while a fault in open would end the task.
 */
public class S3SinkTask extends SinkTask {
    private static final Logger LOG = LoggerFactory.getLogger(S3SinkTask.class);

    private final Clock clock;
    private final Function<S3SinkConfig, S3Client> s3Clients;
    private final Function<S3SinkConfig, Cluster> clusters;

    private S3SinkConfig config;
    private S3Store store;
    private Cluster cluster;
    private Recovery recovery;
    private DeadLetters deadLetters;

    private final Map<TopicPartition, PartitionWriter> writers = new HashMap<>();
    /** Partitions without a writer, each with the lowest offset that made its writer go; none: Long.MAX_VALUE. */
    private final Map<TopicPartition, Long> unrecovered = new HashMap<>();
    /** Partitions that were given another position while the present batch was already read. */
    private final Set<TopicPartition> stale = new HashSet<>();
    /** Where Kafka's log began when a gap of the present batch made the task ask. */
    private final Map<TopicPartition, Long> logStarts = new HashMap<>();
    /** Whether the present batch was given before, to a put that failed. */
    private boolean redelivered;

    public S3SinkTask() {
        this(Clock.systemUTC(), S3Clients::of, S3SinkTask::clusterOf);
    }

    S3SinkTask(Clock clock, Function<S3SinkConfig, S3Client> s3Clients, Function<S3SinkConfig, Cluster> clusters) {
        this.clock = clock;
        this.s3Clients = s3Clients;
        this.clusters = clusters;
    }

    private static Cluster clusterOf(S3SinkConfig config) {
        Map<String, Object> settings = config.kafkaAdmin();
        return settings.isEmpty() ? Cluster.UNKNOWN : new AdminCluster(Admin.create(settings), config.consumerGroup());
    }

    @Override
    public void start(Map<String, String> properties) {
        config = new S3SinkConfig(properties);
        store = new S3Store(s3Clients.apply(config), config.bucket());
        cluster = clusters.apply(config);
        recovery = new Recovery(store, config.names(), cluster, config.flushSize());
        deadLetters = new DeadLetters(context.errantRecordReporter(), config.largestDeadLetter());
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        partitions.forEach(partition -> recoverLater(partition, Long.MAX_VALUE));
    }

    /** Drops what is not in S3 yet: whoever has the partition next reads it again. */
    @Override
    public void close(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            writers.remove(partition);
            unrecovered.remove(partition);
            stale.remove(partition);
        }
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        try {
            if (!redelivered) {
                records.forEach(this::noticeGoingBack);
            }
            recover();
            records.forEach(this::take);
            deadLetters.await();
            writers.values().forEach(PartitionWriter::flushIfDue);
        } catch (RetriableException e) {
            if (e instanceof OvertakenException overtaken) {
                recoverLater(overtaken.partition(), Long.MAX_VALUE);
            }
            redelivered = true;
            context.timeout(config.retryBackoffMs());
            throw e;
        }
        redelivered = false;
        logStarts.clear();
        stale.clear();
        askToBeCalledInTime();
    }

    /** Only what is in S3, or in the dead letter queue. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> current) {
        Map<TopicPartition, OffsetAndMetadata> committable = new HashMap<>();
        writers.forEach((partition, writer) -> committable.put(partition, writer.committable()));
        committable.keySet().retainAll(current.keySet());
        return committable;
    }

    @Override
    public void stop() {
        if (store != null) {
            store.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    public String version() {
        return Version.OF_THIS_PLUGIN;
    }

    private void take(SinkRecord record) {
        TopicPartition partition = partition(record);
        PartitionWriter writer = writers.get(partition);
        if (writer == null || stale.contains(partition)) {
            return;
        }
        // Below the position are records of a batch that is delivered again, taken when it was delivered first.
        long offset = record.originalKafkaOffset();
        if (offset > writer.position()) {
            skipMissing(partition, writer, offset);
        }
        if (offset >= writer.position()) {
            writer.take(record);
        }
    }

    /** A gap before the offset is a loss as far as Kafka's log begins after the position; else it never held records. */
    private void skipMissing(TopicPartition partition, PartitionWriter writer, long offset) {
        long logStart = logStarts.computeIfAbsent(partition, asked ->
                cluster.logStarts(List.of(asked)).getOrDefault(asked, 0L));
        if (logStart > writer.position()) {
            writer.skipMissing(Math.min(logStart, offset));
        }
    }

    /**
     * Kafka goes back by itself when the topic was created anew, or has lost records. That is to be seen before any
     * record of the batch is taken: once the batch is delivered again, it looks the same as what was taken.
     */
    private void noticeGoingBack(SinkRecord record) {
        TopicPartition partition = partition(record);
        PartitionWriter writer = writers.get(partition);
        if (writer != null && record.originalKafkaOffset() < writer.position()) {
            recoverLater(partition, record.originalKafkaOffset());
        }
    }

    private static TopicPartition partition(SinkRecord record) {
        return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
    }

    private void recoverLater(TopicPartition partition, long offset) {
        writers.remove(partition);
        unrecovered.merge(partition, offset, Math::min);
    }

    /** Gives every partition that needs it a writer and its position in Kafka: all of them or, on a fault, none. */
    private void recover() {
        if (unrecovered.isEmpty()) {
            return;
        }
        for (Recovery.Start start : recovery.starts(unrecovered.keySet())) {
            requireNotBehind(start, unrecovered.get(start.partition()));
            LOG.info("{}: S3 holds {}; going on at offset {}", start.partition(), start.landed(), start.offset());
            PartitionWriter writer = new PartitionWriter(start, store, config.names(), config.format(),
                    config.rotation(), deadLetters, clock);
            if (start.logStart() > start.offset()) {
                writer.skipMissing(start.logStart());
            }
            writers.put(start.partition(), writer);
            context.offset(start.partition(), writer.position());
            stale.add(start.partition());
        }
        unrecovered.clear();
    }

    /** Kafka gave an offset below the one that S3 ends with, although the topic is, for all we know, the same. */
    private static void requireNotBehind(Recovery.Start start, long offsetSeen) {
        if (offsetSeen < start.offset()) {
            throw new ConnectException(start.partition() + " yields offset " + offsetSeen + " where S3 ends with "
                    + start.offset() + ": either the topic was created anew and " + S3SinkConfig.KAFKA_ADMIN_SERVERS
                    + " is not set, so that its id is unknown, or Kafka lost records. Set that key, or move the"
                    + " partition's objects away to land it from its beginning");
        }
    }

    /** Asks Connect to call put, with or without records, when the next object is due. */
    private void askToBeCalledInTime() {
        long due = writers.values().stream().mapToLong(PartitionWriter::dueMs).min().orElse(Long.MAX_VALUE);
        if (due != Long.MAX_VALUE) {
            context.timeout(Math.max(1, due - clock.millis()));
        }
    }
}
