package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.junit.jupiter.api.Test;

class S3SinkConnectorTest {
    private static final Map<String, String> PROPERTIES = Map.of("s3.bucket.name", "landing", "flush.size", "1000");

    private final S3SinkConnector connector = new S3SinkConnector();

    @Test
    void isFoundByConnect() {
        List<SinkConnector> found = ServiceLoader.load(SinkConnector.class).stream()
                .map(ServiceLoader.Provider::get).toList();
        assertEquals(1, found.size());
        assertInstanceOf(S3SinkConnector.class, found.get(0));
        assertEquals(S3SinkTask.class, found.get(0).taskClass());
    }

    @Test
    void configuresAllTasksAlike() {
        connector.start(PROPERTIES);
        assertEquals(List.of(PROPERTIES, PROPERTIES, PROPERTIES), connector.taskConfigs(3));
    }

    @Test
    void doesNotStartWithoutABucket() {
        assertThrows(ConfigException.class, () -> connector.start(Map.of("flush.size", "1000")));
    }

    @Test
    void refusesToSetOffsets() {
        Map<TopicPartition, Long> offsets = Map.of(new TopicPartition("pin", 0), 0L);
        assertEquals("offsets are not to be set: the sink goes on after the last object of each partition; to land a"
                        + " partition anew, stop the connector and delete the partition's objects",
                assertThrows(ConnectException.class, () -> connector.alterOffsets(PROPERTIES, offsets)).getMessage());
    }
}
