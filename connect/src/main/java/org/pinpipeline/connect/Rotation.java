package org.pinpipeline.connect;

/**
 * When an object is complete.
 *
 * @param records most records of an object
 * @param bytes most bytes of an object, except that one record always fits
 * @param intervalMs wall-clock interval at whose end an object is written as it is; 0 or less: never
 */
record Rotation(int records, int bytes, long intervalMs) {
    boolean isFull(ObjectBuffer buffer) {
        return buffer.count() >= records || buffer.size() >= bytes;
    }

    boolean hasRoom(ObjectBuffer buffer, byte[] line) {
        return buffer.isEmpty() || buffer.count() < records && buffer.size() + (long) line.length + 1 <= bytes;
    }

    /** End of the interval that the time lies in; intervals are counted from midnight UTC. */
    long endOfInterval(long nowMs) {
        return intervalMs > 0 ? nowMs - Math.floorMod(nowMs, intervalMs) + intervalMs : Long.MAX_VALUE;
    }
}
