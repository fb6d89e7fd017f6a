package org.pinpipeline.connect;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What Connect does not tell its tasks about Kafka. Calls throw RetriableException when Kafka may answer later. */
interface Cluster extends AutoCloseable {
    /** A cluster that one knows nothing of. */
    Cluster UNKNOWN = new Cluster() {
        @Override
        public Map<String, String> topicIds(Collection<String> topics) {
            return Map.of();
        }

        @Override
        public Map<TopicPartition, Long> logStarts(Collection<TopicPartition> partitions) {
            return Map.of();
        }

        @Override
        public Map<TopicPartition, OffsetAndMetadata> committed(Collection<TopicPartition> partitions) {
            return Map.of();
        }
    };

    /** Ids of the topics, as far as they are known. */
    Map<String, String> topicIds(Collection<String> topics);

    /** The first offset that each partition still has, as far as it is known. */
    Map<TopicPartition, Long> logStarts(Collection<TopicPartition> partitions);

    /** What the connector's consumer group has committed, as far as it is known. */
    Map<TopicPartition, OffsetAndMetadata> committed(Collection<TopicPartition> partitions);

    @Override
    default void close() {}
}
