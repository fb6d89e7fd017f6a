package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Does with a task what Connect's WorkerSinkTask does, step by step. A worker that is dropped has crashed. */
final class Worker implements SinkTaskContext {
    private static final int MOST_RECORDS = 4;

    private final SinkTask task;
    private final FakeKafka kafka;
    private final Map<String, String> properties;
    private final ErrantRecordReporter deadLetters;
    private final List<String> events;
    private final Map<TopicPartition, Long> positions =
            new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    private final Map<TopicPartition, Long> consumed = new HashMap<>();
    private final Map<TopicPartition, Long> askedFor = new HashMap<>();
    private List<SinkRecord> batch = List.of();
    private long timeoutMs = -1;

    /** @param events takes a line for each offset that is committed */
    Worker(SinkTask task, FakeKafka kafka, Map<String, String> properties, ErrantRecordReporter deadLetters,
            List<String> events) {
        this.task = task;
        this.kafka = kafka;
        this.properties = properties;
        this.deadLetters = deadLetters;
        this.events = events;
        task.initialize(this);
        task.start(properties);
    }

    Worker assign(TopicPartition... partitions) {
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata committed = kafka.committed(partition);
            positions.put(partition, committed == null ? 0 : committed.offset());
            consumed.put(partition, positions.get(partition));
        }
        task.open(List.of(partitions));
        return this;
    }

    /** Delivers the next batch or, after a fault, the same one again; tells whether the task took it. */
    boolean poll() {
        timeoutMs = -1;
        positions.putAll(askedFor);
        consumed.putAll(askedFor);
        askedFor.clear();
        if (batch.isEmpty()) {
            batch = fetch();
        }
        try {
            task.put(List.copyOf(batch));
        } catch (RetriableException e) {
            return false;
        }
        batch.forEach(record -> consumed.put(partition(record), record.kafkaOffset() + 1));
        batch = List.of();
        return true;
    }

    /** Delivers until the task has taken all that Kafka has. */
    Worker pollToEnd() {
        for (int i = 0; i < 10_000; i++) {
            if (poll() && askedFor.isEmpty() && positions.entrySet().stream()
                    .allMatch(at -> at.getValue() == kafka.end(at.getKey()))) {
                return this;
            }
        }
        return fail("the task does not get to the end: " + positions);
    }

    /** Commits what the task says, except what Connect would call invalid. */
    Worker commit() {
        Map<TopicPartition, OffsetAndMetadata> current = new HashMap<>();
        consumed.forEach((partition, offset) -> current.put(partition, new OffsetAndMetadata(offset)));
        task.preCommit(current).forEach((partition, offset) -> {
            if (offset.offset() <= consumed.get(partition)) {
                kafka.commit(partition, offset);
                events.add("COMMIT " + partition + "@" + offset.offset() + " " + offset.metadata());
            }
        });
        return this;
    }

    void revoke(TopicPartition... partitions) {
        commit();
        task.close(List.of(partitions));
        for (TopicPartition partition : partitions) {
            positions.remove(partition);
            consumed.remove(partition);
            askedFor.remove(partition);
            batch = batch.stream().filter(record -> !partition(record).equals(partition)).toList();
        }
    }

    /** When Connect is to deliver next at the latest, in milliseconds from now; -1: whenever it likes. */
    long timeoutMs() {
        return timeoutMs;
    }

    private List<SinkRecord> fetch() {
        List<SinkRecord> records = new ArrayList<>();
        for (TopicPartition partition : positions.keySet()) {
            long position = positions.get(partition);
            if (position > kafka.end(partition) || position < kafka.logStart(partition)) {
                position = kafka.logStart(partition); // auto.offset.reset=earliest
            }
            for (; position < kafka.end(partition) && records.size() < MOST_RECORDS; position++) {
                SinkRecord record = kafka.record(partition, position);
                if (record != null) {
                    records.add(record);
                }
            }
            positions.put(partition, position);
        }
        return records;
    }

    private static TopicPartition partition(SinkRecord record) {
        return new TopicPartition(record.topic(), record.kafkaPartition());
    }

    @Override
    public Map<String, String> configs() {
        return properties;
    }

    @Override
    public void offset(Map<TopicPartition, Long> offsets) {
        offsets.forEach(this::offset);
    }

    @Override
    public void offset(TopicPartition partition, long offset) {
        askedFor.put(partition, offset);
    }

    @Override
    public void timeout(long timeoutMs) {
        this.timeoutMs = timeoutMs;
    }

    @Override
    public Set<TopicPartition> assignment() {
        return positions.keySet();
    }

    @Override
    public void pause(TopicPartition... partitions) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resume(TopicPartition... partitions) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void requestCommit() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ErrantRecordReporter errantRecordReporter() {
        return deadLetters;
    }

    @Override
    public PluginMetrics pluginMetrics() {
        throw new UnsupportedOperationException();
    }
}
