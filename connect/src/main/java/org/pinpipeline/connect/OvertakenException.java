package org.pinpipeline.connect;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.RetriableException;

/** Another task has landed records of this partition: S3's truth is to be read anew. */
class OvertakenException extends RetriableException {
    private static final long serialVersionUID = 1;
    private final transient TopicPartition partition;

    OvertakenException(TopicPartition partition, String key) {
        super(partition + ": " + key + " is there already, with other records in it: another task landed them");
        this.partition = partition;
    }

    TopicPartition partition() {
        return partition;
    }
}
