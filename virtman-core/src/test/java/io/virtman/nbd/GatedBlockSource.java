package io.virtman.nbd;

import io.virtman.block.BlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Reads below a limit are hits; those at or above it are misses that wait for a gate. */
final class GatedBlockSource implements BlockSource {
    final CountDownLatch gate = new CountDownLatch(1);
    final CountDownLatch arrived = new CountDownLatch(1);
    final AtomicBoolean closed = new AtomicBoolean();
    private final BlockSource source;
    private final long missesFrom;

    GatedBlockSource(BlockSource source, long missesFrom) {
        this.source = source;
        this.missesFrom = missesFrom;
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        return offset < missesFrom && source.readNow(offset, target);
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        arrived.countDown();
        try {
            if (!gate.await(20, TimeUnit.SECONDS)) {
                throw new IOException("the gate stayed shut");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        source.read(offset, target);
    }

    @Override
    public void close() {
        closed.set(true);
    }
}
