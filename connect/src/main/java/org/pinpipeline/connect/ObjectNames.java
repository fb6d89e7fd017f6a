package org.pinpipeline.connect;

import java.util.Locale;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

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
        return prefix(partition) + String.format(Locale.ROOT, "%0" + width + "d", offset) + EXTENSION;
    }

    /** What all names of a partition's objects begin with. */
    String prefix(TopicPartition partition) {
        String topic = partition.topic();
        int number = partition.partition();
        return topicsDir + "/" + topic + "/partition=" + number + "/" + topic + "+" + number + "+";
    }

    /**
     * The offset in a name; empty when the name is not one that {@link #key} makes. Throws ConnectException when it
     * is one that a smaller width makes.
     */
    OptionalLong offset(TopicPartition partition, String key) {
        String prefix = prefix(partition);
        if (!key.startsWith(prefix) || !key.endsWith(EXTENSION)) {
            return OptionalLong.empty();
        }
        String digits = key.substring(prefix.length(), key.length() - EXTENSION.length());
        if (!digits.matches("[0-9]{1,19}")) {
            return OptionalLong.empty();
        }
        if (digits.length() < width) {
            // Not to be passed over: what has landed would land again, under longer names.
            throw new ConnectException(key + " has fewer digits than " + S3SinkConfig.PAD_WIDTH + " asks for: set"
                    + " that key to what it was, or choose another " + S3SinkConfig.TOPICS_DIR);
        }
        try {
            return OptionalLong.of(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Whether S3 lists every name from this offset on behind this offset's own. Past the width, names grow by a digit
     * and sort elsewhere; that must be further off than anything that lands between two commits.
     */
    boolean sortFrom(long offset) {
        return offset + 1e9 < Math.pow(10, width);
    }
}
