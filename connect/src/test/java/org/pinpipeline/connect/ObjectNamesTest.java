package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectNamesTest {
    private static final TopicPartition PARTITION = new TopicPartition("0a1b.pin", 12);

    @ParameterizedTest
    @CsvSource({
        "topics, 10, 0, topics/0a1b.pin/partition=12/0a1b.pin+12+0000000000.json",
        "topics, 10, 12345, topics/0a1b.pin/partition=12/0a1b.pin+12+0000012345.json",
        "topics, 10, 12345678901, topics/0a1b.pin/partition=12/0a1b.pin+12+12345678901.json",
        "raw/json, 1, 7, raw/json/0a1b.pin/partition=12/0a1b.pin+12+7.json",
    })
    void namesObjectsAsConfluentDoes(String topicsDir, int width, long offset, String key) {
        ObjectNames names = new ObjectNames(topicsDir, width);
        assertEquals(key, names.key(PARTITION, offset));
        assertEquals(OptionalLong.of(offset), names.offset(PARTITION, key));
    }

    /** In some locales numbers are written with other digits. */
    @Test
    void namesObjectsAlikeInEveryLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertEquals("topics/0a1b.pin/partition=12/0a1b.pin+12+0000000007.json",
                    new ObjectNames("topics", 10).key(PARTITION, 7));
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "topics/0a1b.pin/partition=12/0a1b.pin+12+.json",
        "topics/0a1b.pin/partition=12/0a1b.pin+12+00000-0001.json",
        "topics/0a1b.pin/partition=12/0a1b.pin+12+000000000x.json",
        "topics/0a1b.pin/partition=12/0a1b.pin+12+٠٠٠٠٠٠٠٠٠١.json",
        "topics/0a1b.pin/partition=12/0a1b.pin+12+0000000001.json.gz",
        "topics/0a1b.pin/partition=12/0a1b.pin+12+9223372036854775808.json",
        "topics/0a1b.pin/partition=1/0a1b.pin+1+0000000001.json",
        "topics/other/partition=12/other+12+0000000001.json",
    })
    void takesNoOtherNames(String key) {
        assertEquals(OptionalLong.empty(), new ObjectNames("topics", 10).offset(PARTITION, key));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, false", "9, 0, false",
        "10, 8999999999, true", "10, 9000000000, false",
        "11, 98999999999, true", "11, 99000000000, false",
        "19, 9223372036854775807, true",
    })
    void tellsUpToWhereNamesSortByOffset(int width, long offset, boolean sort) {
        assertEquals(sort, new ObjectNames("topics", width).sortFrom(offset));
    }
}
