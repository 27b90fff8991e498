package io.virtman.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends replies of one connection, whole ones, one at a time. A client that does not read holds up
 * its own connection only. Not {@code synchronized}: virtual threads wait here too.
 */
final class ReplyWriter {
    private final Wire wire;
    private final ReentrantLock lock = new ReentrantLock();

    ReplyWriter(Wire wire) {
        this.wire = wire;
    }

    /** Sends the remaining bytes: one or more complete replies. */
    void write(ByteBuffer replies) throws IOException {
        lock.lock();
        try {
            wire.write(replies);
        } finally {
            lock.unlock();
        }
    }
}
