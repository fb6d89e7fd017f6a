package org.pinpipeline.connect;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;

/** Asks Kafka through an admin client; needs to describe the topics and the connector's consumer group. */
final class AdminCluster implements Cluster {
    private final Admin admin;
    private final String group;

    AdminCluster(Admin admin, String group) {
        this.admin = admin;
        this.group = group;
    }

    @Override
    public Map<String, String> topicIds(Collection<String> topics) {
        Map<String, String> ids = new HashMap<>();
        answer("topics " + topics, admin.describeTopics(Set.copyOf(topics)).allTopicNames())
                .forEach((topic, description) -> ids.put(topic, description.topicId().toString()));
        return ids;
    }

    @Override
    public Map<TopicPartition, Long> logStarts(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
        partitions.forEach(partition -> earliest.put(partition, OffsetSpec.earliest()));
        Map<TopicPartition, Long> starts = new HashMap<>();
        answer("the log starts of " + partitions, admin.listOffsets(earliest).all())
                .forEach((partition, start) -> starts.put(partition, start.offset()));
        return starts;
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(Collection<TopicPartition> partitions) {
        ListConsumerGroupOffsetsSpec spec = new ListConsumerGroupOffsetsSpec().topicPartitions(List.copyOf(partitions));
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(answer("consumer group " + group,
                admin.listConsumerGroupOffsets(Map.of(group, spec)).partitionsToOffsetAndMetadata(group)));
        offsets.values().removeIf(Objects::isNull);
        return offsets;
    }

    @Override
    public void close() {
        admin.close();
    }

    private static <T> T answer(String what, KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            String message = "Kafka does not describe " + what + ": " + e.getCause().getMessage();
            throw e.getCause() instanceof org.apache.kafka.common.errors.RetriableException
                    ? new RetriableException(message, e)
                    : new ConnectException(message, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("interrupted while asking Kafka for " + what, e);
        }
    }
}
