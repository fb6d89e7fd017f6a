package org.pinpipeline.connect;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final String MISSING = ".missing";
    private static final Pattern OF_OURS = Pattern.compile("([0-9]{1,19})(\\.json|\\+[0-9]{1,19}\\.missing)");

    /** Name of the object whose first record is at the offset. */
    String key(TopicPartition partition, long offset) {
        return prefix(partition) + padded(offset) + EXTENSION;
    }

    /**
     * Name of the empty object that says that the offsets from {@code first} to before {@code next} are missing: Kafka
     * had dropped them before they landed. Readers of {@code *.json} do not see it.
     */
    String missingKey(TopicPartition partition, long first, long next) {
        return prefix(partition) + padded(first) + "+" + padded(next) + MISSING;
    }

    private String padded(long offset) {
        return String.format(Locale.ROOT, "%0" + width + "d", offset);
    }

    /** What all names of a partition's objects begin with. */
    String prefix(TopicPartition partition) {
        String topic = partition.topic();
        int number = partition.partition();
        return topicsDir + "/" + topic + "/partition=" + number + "/" + topic + "+" + number + "+";
    }

    /**
     * The first offset in a name; empty when the name is not one that {@link #key} or {@link #missingKey} makes.
     * Throws ConnectException when it is one that a smaller width makes.
     */
    OptionalLong offset(TopicPartition partition, String key) {
        String prefix = prefix(partition);
        if (!key.startsWith(prefix)) {
            return OptionalLong.empty();
        }
        Matcher name = OF_OURS.matcher(key.substring(prefix.length()));
        if (!name.matches()) {
            return OptionalLong.empty();
        }
        String digits = name.group(1);
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
