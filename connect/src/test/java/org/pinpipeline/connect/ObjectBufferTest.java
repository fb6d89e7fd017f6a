package org.pinpipeline.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ObjectBufferTest {
    private final ObjectBuffer buffer = new ObjectBuffer();

    @Test
    void isEmptyAndNeverDueAtFirst() {
        assertTrue(buffer.isEmpty());
        assertEquals("", content());
        assertEquals(Long.MAX_VALUE, buffer.dueMs());
    }

    @Test
    void endsEveryLineWithANewline() {
        buffer.append(7, "é".getBytes(UTF_8), 100);
        buffer.append(8, "b".getBytes(UTF_8), 200);

        assertFalse(buffer.isEmpty());
        assertEquals("é\nb\n", content());
        assertEquals(2, buffer.count());
        assertEquals(5, buffer.size());
        assertEquals(7, buffer.firstOffset());
        assertEquals(9, buffer.nextOffset());
        // The first record sets the time: later ones do not put it off.
        assertEquals(100, buffer.dueMs());
    }

    @Test
    void beginsAnewWhenCleared() {
        buffer.append(7, "first".getBytes(UTF_8), 100);
        buffer.clear();
        assertTrue(buffer.isEmpty());
        assertEquals(Long.MAX_VALUE, buffer.dueMs());

        buffer.append(20, "b".getBytes(UTF_8), 300);
        assertEquals("b\n", content());
        assertEquals(20, buffer.firstOffset());
        assertEquals(21, buffer.nextOffset());
        assertEquals(300, buffer.dueMs());
    }

    private String content() {
        return UTF_8.decode(buffer.content()).toString();
    }
}
