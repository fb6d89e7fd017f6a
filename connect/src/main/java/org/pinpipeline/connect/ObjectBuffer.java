package org.pinpipeline.connect;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** The lines of the next object: one for each offset, empty where Kafka has no record there or it did not land. */
final class ObjectBuffer {
    private final Bytes bytes = new Bytes();
    private long firstOffset;
    private int count;
    private long nextOffset;
    private long dueMs;

    /** Adds the line of a record at {@link #nextOffset} or after it, or of any offset while the buffer is empty. */
    void append(long offset, byte[] line, long dueMs) {
        if (count == 0) {
            firstOffset = offset;
            nextOffset = offset;
            this.dueMs = dueMs;
        }
        for (; nextOffset < offset; nextOffset++) {
            bytes.write('\n');
        }
        nextOffset = offset + 1;
        bytes.write(line, 0, line.length);
        bytes.write('\n');
        count++;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /** Bytes so far, newlines included. */
    int size() {
        return bytes.size();
    }

    long firstOffset() {
        return firstOffset;
    }

    /** The offset after the last record. */
    long nextOffset() {
        return nextOffset;
    }

    /** When the object is to be written even if it is not full. */
    long dueMs() {
        return isEmpty() ? Long.MAX_VALUE : dueMs;
    }

    /** The lines themselves, not a copy: valid until the buffer changes. */
    ByteBuffer content() {
        return bytes.view();
    }

    void clear() {
        bytes.reset();
        count = 0;
    }

    private static final class Bytes extends ByteArrayOutputStream {
        Bytes() {
            super(1 << 16);
        }

        ByteBuffer view() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }
}
