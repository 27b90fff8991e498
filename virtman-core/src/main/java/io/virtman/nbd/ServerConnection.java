package io.virtman.nbd;

import io.virtman.block.BlockSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client from accept to the end: handshake under a deadline, then requests. {@link #run} has a
 * platform thread of its own.
 */
final class ServerConnection implements Runnable {
    private static final int INPUT_BUFFER = 8 * 1024;
    private static final BoundedLog LOG = new BoundedLog(ServerConnection.class);

    private final Wire wire;
    private final ExportCatalog catalog;
    private final NbdServerLimits limits;
    private final BufferPool pool;
    private final Consumer<ServerConnection> whenEnded;
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * @param whenEnded called once, when neither the connection nor a request of it runs any more
     */
    ServerConnection(
            Wire wire,
            ExportCatalog catalog,
            NbdServerLimits limits,
            BufferPool pool,
            Consumer<ServerConnection> whenEnded) {
        this.wire = wire;
        this.catalog = catalog;
        this.limits = limits;
        this.pool = pool;
        this.whenEnded = whenEnded;
    }

    @Override
    public void run() {
        ByteBuffer buffer = null;
        InFlight inFlight = null;
        try {
            buffer = pool.take(INPUT_BUFFER);
            WireInput input = new WireInput(wire, buffer);
            ServedExport export = negotiate(input);
            if (export != null) {
                inFlight = new InFlight(limits.maximumInFlightBytes(), () -> end(export.source()));
                new Transmission(wire, input, export, limits, pool, inFlight).serve();
            }
        } catch (EOFException e) {
            LOG.debug("a client left without saying so", e);
        } catch (IOException e) {
            LOG.debug("a connection ended", e);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.warn("a connection was ended by a failure", e);
        } finally {
            Closeables.close(wire);
            if (buffer != null) {
                pool.give(buffer);
            }
            if (inFlight == null) {
                end(null);
            } else {
                inFlight.close();
            }
        }
    }

    /** Ends it from another thread; returns at once. */
    void close() {
        Closeables.close(wire);
    }

    /** Waits until it has ended; false when it has not within that time. */
    boolean awaitEnd(Duration most) throws InterruptedException {
        return ended.await(most.toNanos(), TimeUnit.NANOSECONDS);
    }

    private @Nullable ServedExport negotiate(WireInput input) throws IOException {
        Deadlines deadline = Deadlines.close(wire, limits.handshakeDeadline());
        ByteBuffer output = pool.take(OptionReplies.BUFFER);
        try {
            return new Negotiation(wire, input, output, catalog, limits).run();
        } finally {
            deadline.cancel();
            pool.give(output);
        }
    }

    private void end(@Nullable BlockSource source) {
        try {
            if (source != null) {
                Closeables.close(source);
            }
        } finally {
            whenEnded.accept(this);
            ended.countDown();
        }
    }
}
