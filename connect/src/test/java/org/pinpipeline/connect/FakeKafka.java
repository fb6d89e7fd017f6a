package org.pinpipeline.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Topics, and the connector's consumer group, in memory. */
final class FakeKafka implements Cluster {
    private final Map<TopicPartition, List<SinkRecord>> logs = new HashMap<>();
    private final Map<String, String> ids = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final Map<TopicPartition, Long> logStarts = new HashMap<>();
    private boolean tells = true;
    private int faults;

    /** Sends records whose values tell their offsets. */
    void send(TopicPartition partition, int count) {
        for (int i = 0; i < count; i++) {
            send(partition, "{\"n\":" + end(partition) + "}");
        }
    }

    void send(TopicPartition partition, String value) {
        add(partition, value.getBytes(UTF_8));
    }

    void sendNull(TopicPartition partition) {
        add(partition, null);
    }

    /** Takes an offset that consumers are not shown, as the end of a transaction does. */
    void mark(TopicPartition partition) {
        log(partition).add(null);
    }

    /** Deletes the topic, and makes one of the same name. */
    void recreate(String topic) {
        logs.keySet().removeIf(partition -> partition.topic().equals(topic));
        logStarts.keySet().removeIf(partition -> partition.topic().equals(topic));
        ids.merge(topic, topic + "-1", (before, first) -> topic + "-" + (Integer.parseInt(
                before.substring(topic.length() + 1)) + 1));
    }

    /** Drops what is before the offset, as retention does. */
    void dropBefore(TopicPartition partition, long offset) {
        logStarts.put(partition, offset);
    }

    long logStart(TopicPartition partition) {
        return logStarts.getOrDefault(partition, 0L);
    }

    /** Keeps to itself what Connect does not tell either. */
    void tellNothing() {
        tells = false;
    }

    /** The next so many questions are not answered. */
    void fail(int times) {
        faults = times;
    }

    void commit(TopicPartition partition, OffsetAndMetadata offset) {
        committed.put(partition, offset);
    }

    OffsetAndMetadata committed(TopicPartition partition) {
        return committed.get(partition);
    }

    void forgetCommitted() {
        committed.clear();
    }

    long end(TopicPartition partition) {
        return log(partition).size();
    }

    /** The record at the offset; null when consumers are shown none there. */
    SinkRecord record(TopicPartition partition, long offset) {
        return log(partition).get((int) offset);
    }

    @Override
    public Map<String, String> topicIds(Collection<String> topics) {
        Map<String, String> told = new HashMap<>();
        answer();
        if (tells) {
            topics.forEach(topic -> told.put(topic, ids.computeIfAbsent(topic, t -> t + "-0")));
        }
        return told;
    }

    @Override
    public Map<TopicPartition, Long> logStarts(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> starts = new HashMap<>();
        answer();
        if (tells) {
            partitions.forEach(partition -> starts.put(partition, logStart(partition)));
        }
        return starts;
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> told = new HashMap<>();
        answer();
        if (tells) {
            told.putAll(committed);
            told.keySet().retainAll(partitions);
        }
        return told;
    }

    private void add(TopicPartition partition, byte[] value) {
        log(partition).add(new SinkRecord(partition.topic(), partition.partition(), null, null, null, value,
                end(partition)));
    }

    private void answer() {
        if (faults > 0) {
            faults--;
            throw new RetriableException("Kafka does not answer");
        }
    }

    private List<SinkRecord> log(TopicPartition partition) {
        return logs.computeIfAbsent(partition, p -> new ArrayList<>());
    }
}
