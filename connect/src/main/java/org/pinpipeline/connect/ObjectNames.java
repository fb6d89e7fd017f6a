package org.pinpipeline.connect;

import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;

/**
 * Names of objects, in Confluent's layout: {@code <topics.dir>/<topic>/partition=<n>/<topic>+<n>+<offset>.json}.
 *
 * @param topicsDir first part of every name, without a slash at either end
 * @param width digits that offsets are padded to
 */
record ObjectNames(String topicsDir, int width) {
    private static final String EXTENSION = ".json";

    /** Name of the object whose first record stands at the offset. */
    String key(TopicPartition partition, long offset) {
        return prefix(partition) + String.format("%0" + width + "d", offset) + EXTENSION;
    }

    /** What all names of a partition's objects begin with. */
    String prefix(TopicPartition partition) {
        String topic = partition.topic();
        int number = partition.partition();
        return topicsDir + "/" + topic + "/partition=" + number + "/" + topic + "+" + number + "+";
    }

    /** The offset in a name; empty when the name is not one that {@link #key} makes. */
    OptionalLong offset(TopicPartition partition, String key) {
        String prefix = prefix(partition);
        if (!key.startsWith(prefix) || !key.endsWith(EXTENSION)) {
            return OptionalLong.empty();
        }
        String digits = key.substring(prefix.length(), key.length() - EXTENSION.length());
        if (digits.length() < width || digits.length() > 19 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(digits));
    }

    /**
     * Whether S3 lists every name from this offset on behind this offset's own. Past the width, names grow by a digit
     * and sort elsewhere; a first digit below 9 leaves a tenth of all offsets before that happens.
     */
    boolean sortFrom(long offset) {
        return offset < 9 * (long) Math.pow(10, width - 1);
    }
}
