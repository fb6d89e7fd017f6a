package org.pinpipeline.connect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;

/**
 * Finds where to go on. S3 is the truth: the last object's metadata say what has landed, whatever was committed.
 * A committed offset counts beyond that only if its note tells of the very same last object: then none but dead
 * letters lie between, and they need not be reported again.
 */
final class Recovery {
    private final S3Store store;
    private final ObjectNames names;
    private final Cluster cluster;
    private final int recordsPerObject;

    Recovery(S3Store store, ObjectNames names, Cluster cluster, int recordsPerObject) {
        this.store = store;
        this.names = names;
        this.cluster = cluster;
        this.recordsPerObject = recordsPerObject;
    }

    /**
     * Where a partition begins.
     *
     * @param landed what S3 holds
     * @param offset the Kafka offset to read next
     * @param logStart the first offset that Kafka still has; 0 when unknown
     */
    record Start(TopicPartition partition, Landed landed, long offset, long logStart) {}

    /** Throws RetriableException when S3 or Kafka may answer later. */
    List<Start> starts(Collection<TopicPartition> partitions) {
        Map<String, String> topicIds =
                cluster.topicIds(partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet()));
        Map<TopicPartition, OffsetAndMetadata> committed = cluster.committed(partitions);
        Map<TopicPartition, Long> logStarts = cluster.logStarts(partitions);
        List<Start> starts = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            starts.add(start(
                    partition,
                    topicIds.getOrDefault(partition.topic(), ""),
                    committed.getOrDefault(partition, new OffsetAndMetadata(0)),
                    logStarts.getOrDefault(partition, 0L)));
        }
        return starts;
    }

    private Start start(TopicPartition partition, String topicId, OffsetAndMetadata committed, long logStart) {
        Optional<Landed> note = Landed.ofNote(committed.metadata());
        Landed landed = lastObject(partition, note)
                .map(key -> landedWith(key).seenBy(topicId))
                .orElse(Landed.nothing(topicId));
        boolean onlyDeadLettersSince = note.equals(Optional.of(landed)) && committed.offset() > landed.nextOffset();
        long offset = onlyDeadLettersSince ? committed.offset() : landed.nextOffset();
        return new Start(partition, landed, offset, logStart);
    }

    private Landed landedWith(String key) {
        Map<String, String> metadata = store.metadata(key)
                .orElseThrow(() -> new RetriableException(key + " was listed and is gone"));
        return Landed.ofMetadata(metadata)
                .orElseThrow(() -> new ConnectException(key + " lacks this sink's metadata, so that it does not tell"
                        + " where to go on: move it and its like away, or choose another topics.dir"));
    }

    /** Name of the partition's last object. A note tells where about to look; without one all names are listed. */
    private Optional<String> lastObject(TopicPartition partition, Optional<Landed> note) {
        return note.map(landed -> landed.nextName() - recordsPerObject - 1)
                .filter(hint -> hint > 0 && names.sortFrom(hint))
                .flatMap(hint -> lastAfter(names.key(partition, hint), partition))
                .or(() -> lastAfter(names.prefix(partition), partition));
    }

    private Optional<String> lastAfter(String after, TopicPartition partition) {
        Optional<String> last = Optional.empty();
        List<String> page = store.keysAfter(after, names.prefix(partition));
        while (!page.isEmpty()) {
            last = latest(last, page, partition);
            page = store.keysAfter(page.get(page.size() - 1), names.prefix(partition));
        }
        return last;
    }

    /** Latest by number, since names longer than their padding do not sort by it. */
    private Optional<String> latest(Optional<String> last, List<String> page, TopicPartition partition) {
        List<String> keys = new ArrayList<>(page);
        last.ifPresent(keys::add);
        return keys.stream()
                .filter(key -> names.offset(partition, key).isPresent())
                .max(Comparator.comparingLong(key -> names.offset(partition, key).getAsLong()));
    }
}
