package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LandedTest {
    private static final Landed KNOWN = new Landed("AAAAAAAAAAAAAAAAAAAAAQ", 1200, 1000);
    private static final Landed UNKNOWN = new Landed("", 1200, 0);

    @Test
    void isTheMetadataOfObjects() {
        assertEquals(Map.of("kafka-topic-id", "AAAAAAAAAAAAAAAAAAAAAQ", "kafka-next-offset", "1200",
                "name-offset-shift", "1000"), KNOWN.toMetadata());
        // S3 takes no empty values.
        assertEquals(Map.of("kafka-next-offset", "1200", "name-offset-shift", "0"), UNKNOWN.toMetadata());

        assertEquals(Optional.of(KNOWN), Landed.ofMetadata(Map.of("kafka-topic-id", "AAAAAAAAAAAAAAAAAAAAAQ",
                "kafka-next-offset", "1200", "name-offset-shift", "1000", "another", "x")));
        assertEquals(Optional.of(UNKNOWN),
                Landed.ofMetadata(Map.of("kafka-next-offset", "1200", "name-offset-shift", "0")));
    }

    @Test
    void takesNoMetadataOfOthers() {
        assertEquals(Optional.empty(), Landed.ofMetadata(Map.of()));
        assertEquals(Optional.empty(), Landed.ofMetadata(Map.of("kafka-next-offset", "1200")));
        assertEquals(Optional.empty(), Landed.ofMetadata(Map.of("name-offset-shift", "0")));
        assertEquals(Optional.empty(),
                Landed.ofMetadata(Map.of("kafka-next-offset", "many", "name-offset-shift", "0")));
    }

    @Test
    void isTheNoteOnCommittedOffsets() {
        assertEquals("AAAAAAAAAAAAAAAAAAAAAQ:1200:1000", KNOWN.toNote());
        assertEquals(":1200:0", UNKNOWN.toNote());

        assertEquals(Optional.of(KNOWN), Landed.ofNote("AAAAAAAAAAAAAAAAAAAAAQ:1200:1000"));
        assertEquals(Optional.of(UNKNOWN), Landed.ofNote(":1200:0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "note", "id:1200", "id:1200:", "id:1200:x", "id:1200:0:0"})
    void takesNoNotesOfOthers(String note) {
        assertEquals(Optional.empty(), Landed.ofNote(note));
    }

    @ParameterizedTest
    @CsvSource({
        // The same topic, or for all one knows the same, goes on ...
        "one, one, one, 1200, 1000",
        "one, '', '', 1200, 1000",
        "'', one, one, 1200, 1000",
        "'', '', '', 1200, 1000",
        // ... another topic begins at 0, and its names where the former's end: 1200 + 1000.
        "one, two, two, 0, 2200",
    })
    void tellsATopicFromItsSuccessor(String landedId, String currentId, String id, long nextOffset, long shift) {
        assertEquals(new Landed(id, nextOffset, shift), new Landed(landedId, 1200, 1000).seenBy(currentId));
    }

    @Test
    void addsTheShiftToNames() {
        assertEquals(1005, KNOWN.nameOf(5));
        assertEquals(2200, KNOWN.nextName());
        assertEquals(2300, KNOWN.upTo(1300).nextName());
        assertEquals(0, Landed.nothing("one").nextName());
    }
}
