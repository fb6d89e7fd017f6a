package org.pinpipeline.connect;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far a partition has landed. It is the user metadata of every object, and the note on every committed offset.
 *
 * @param topicId id of the topic in Kafka, which changes when a topic is deleted and created anew; empty when unknown
 * @param nextOffset Kafka offset after the last one that has landed
 * @param shift what object names add to Kafka offsets: 0, or where the names of the topic's former life ended
 */
record Landed(String topicId, long nextOffset, long shift) {
    private static final String TOPIC_ID = "kafka-topic-id";
    private static final String NEXT_OFFSET = "kafka-next-offset";
    private static final String SHIFT = "name-offset-shift";

    /** A partition none of whose records has landed. */
    static Landed nothing(String topicId) {
        return new Landed(topicId, 0, 0);
    }

    /**
     * The same objects as seen by a topic of this id: when it is another topic of the same name, its records begin
     * at offset 0 and their names go on where those of the former topic end.
     */
    Landed seenBy(String currentTopicId) {
        boolean recreated = !topicId.isEmpty() && !currentTopicId.isEmpty() && !topicId.equals(currentTopicId);
        return recreated
                ? new Landed(currentTopicId, 0, nextName())
                : new Landed(currentTopicId, nextOffset, shift);
    }

    Landed upTo(long offset) {
        return new Landed(topicId, offset, shift);
    }

    /** The offset that the next object's name holds, when no gap comes between. */
    long nextName() {
        return nameOf(nextOffset);
    }

    long nameOf(long kafkaOffset) {
        return kafkaOffset + shift;
    }

    Map<String, String> toMetadata() {
        Map<String, String> metadata = new HashMap<>();
        metadata.put(NEXT_OFFSET, Long.toString(nextOffset));
        metadata.put(SHIFT, Long.toString(shift));
        if (!topicId.isEmpty()) {
            metadata.put(TOPIC_ID, topicId);
        }
        return metadata;
    }

    /** Empty when the metadata are not those of an object of this sink. */
    static Optional<Landed> ofMetadata(Map<String, String> metadata) {
        return parse(metadata.getOrDefault(TOPIC_ID, ""), metadata.get(NEXT_OFFSET), metadata.get(SHIFT));
    }

    String toNote() {
        return topicId + ":" + nextOffset + ":" + shift;
    }

    /** Empty when the note on a committed offset is not one of this sink. */
    static Optional<Landed> ofNote(String note) {
        String[] parts = note.split(":", -1);
        return parts.length == 3 ? parse(parts[0], parts[1], parts[2]) : Optional.empty();
    }

    private static Optional<Landed> parse(String topicId, String nextOffset, String shift) {
        try {
            return Optional.of(new Landed(topicId, Long.parseLong(nextOffset), Long.parseLong(shift)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
