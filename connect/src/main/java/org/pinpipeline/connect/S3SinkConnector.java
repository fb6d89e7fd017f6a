package org.pinpipeline.connect;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/** Lands topics in S3 as JSON lines, each record exactly once. What it promises, and how, is told in README.md. */
public class S3SinkConnector extends SinkConnector {
    private Map<String, String> properties;

    @Override
    public void start(Map<String, String> properties) {
        new S3SinkConfig(properties);
        this.properties = Map.copyOf(properties);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return S3SinkTask.class;
    }

    /** Tasks differ only in the partitions that Kafka assigns to them. */
    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Collections.nCopies(maxTasks, properties);
    }

    /** Refuses: the sink goes on where S3 ends, so that other offsets would be ignored in silence. */
    @Override
    public boolean alterOffsets(Map<String, String> connectorConfig, Map<TopicPartition, Long> offsets) {
        throw new ConnectException("offsets are not to be set: the sink goes on after the last object of each"
                + " partition; to land a partition anew, stop the connector and delete the partition's objects");
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return S3SinkConfig.DEFINITION;
    }

    @Override
    public String version() {
        return Version.OF_THIS_PLUGIN;
    }
}
