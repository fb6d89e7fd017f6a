package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationTest {
    /** Lines of 9 bytes take 10, for each ends with a newline. */
    @ParameterizedTest
    @CsvSource({
        // records, bytes, lines there, full, room for another
        "3, 1000, 0, false, true",
        "3, 1000, 2, false, true",
        "3, 1000, 3, true, false",
        "1, 1000, 0, false, true",
        "1, 1000, 1, true, false",
        "100, 30, 2, false, true",
        "100, 30, 3, true, false",
        "100, 29, 2, false, false",
        "100, 5, 0, false, true",
        "100, 5, 1, true, false",
    })
    void countsRecordsAndBytes(int records, int bytes, int lines, boolean full, boolean room) {
        Rotation rotation = new Rotation(records, bytes, -1);
        ObjectBuffer buffer = new ObjectBuffer();
        for (int i = 0; i < lines; i++) {
            buffer.append(i, new byte[9], 0);
        }
        assertEquals(full, rotation.isFull(buffer), "full");
        assertEquals(room, rotation.hasRoom(buffer, new byte[9]), "room");
    }

    @ParameterizedTest
    @CsvSource({
        "60000, 2026-01-01T00:00:00Z, 2026-01-01T00:01:00Z",
        "60000, 2026-01-01T00:00:59.999Z, 2026-01-01T00:01:00Z",
        "60000, 2026-01-01T00:01:00Z, 2026-01-01T00:02:00Z",
        "3600000, 2026-01-01T13:20:00Z, 2026-01-01T14:00:00Z",
        "86400000, 2026-01-01T13:20:00Z, 2026-01-02T00:00:00Z",
    })
    void countsIntervalsFromMidnight(long intervalMs, Instant now, Instant end) {
        assertEquals(end, Instant.ofEpochMilli(new Rotation(1, 1, intervalMs).endOfInterval(now.toEpochMilli())));
    }

    @ParameterizedTest
    @CsvSource({"-1", "0"})
    void neverEndsWithoutAnInterval(long intervalMs) {
        assertEquals(9_223_372_036_854_775_807L, new Rotation(1, 1, intervalMs).endOfInterval(1_000));
    }
}
