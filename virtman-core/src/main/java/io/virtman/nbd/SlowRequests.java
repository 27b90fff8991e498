package io.virtman.nbd;

import io.virtman.block.BlockSource;
import io.virtman.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests that may wait for other hosts: each has a virtual thread and a buffer of its own, and
 * its reply is sent whenever it is ready. The caller has checked the request and charged it to the
 * connection's {@link InFlight}; its end is charged back here.
 */
final class SlowRequests {
    /** Charge of a block status request: its reply and the work to find it, as bytes. */
    static final int STATUS_COST = 64 * 1024;

    /** Most descriptors in one reply. */
    private static final int MAXIMUM_EXTENTS = 1024;

    /** Most questions to the source for one reply. */
    private static final int MAXIMUM_STEPS = 8192;

    private static final BoundedLog LOG = new BoundedLog(SlowRequests.class);

    private final Wire wire;
    private final ServedExport export;
    private final BlockSource source;
    private final BufferPool pool;
    private final InFlight inFlight;
    private final ReplyWriter writer;
    private final ReplyEncoder encoder;

    SlowRequests(
            Wire wire,
            ServedExport export,
            BufferPool pool,
            InFlight inFlight,
            ReplyWriter writer,
            ReplyEncoder encoder) {
        this.wire = wire;
        this.export = export;
        this.source = export.source();
        this.pool = pool;
        this.inFlight = inFlight;
        this.writer = writer;
        this.encoder = encoder;
    }

    void read(long cookie, long offset, int length, boolean fragment) {
        int room = encoder.dataOffset() + length;
        start(
                InFlight.cost(length),
                Math.max(room, ReplyEncoder.SMALL_REPLY),
                cookie,
                buffer -> {
                    ByteBuffer target = buffer.slice(encoder.dataOffset(), length);
                    source.read(offset, target);
                    if (target.hasRemaining()) {
                        throw new IOException("the source delivered too little");
                    }
                    encoder.read(buffer, cookie, offset, length, fragment);
                });
    }

    void status(long cookie, long offset, long length, boolean one) {
        int most = one ? 1 : MAXIMUM_EXTENTS;
        int room = ReplyEncoder.statusBytes(most);
        start(
                STATUS_COST,
                Math.max(room, ReplyEncoder.SMALL_REPLY),
                cookie,
                buffer -> encoder.status(buffer, cookie, extents(offset, length, most)));
    }

    private interface Work {
        void into(ByteBuffer buffer) throws IOException;
    }

    private void start(int cost, int room, long cookie, Work work) {
        boolean started = false;
        try {
            Thread.ofVirtual().name("nbd-miss").start(() -> run(cost, room, cookie, work));
            started = true;
        } finally {
            if (!started) {
                inFlight.end(cost);
            }
        }
    }

    private void run(int cost, int room, long cookie, Work work) {
        try {
            ByteBuffer buffer = pool.take(room);
            try {
                answer(buffer, cookie, work);
                writer.write(buffer.flip());
            } finally {
                pool.give(buffer);
            }
        } catch (IOException | OutOfMemoryError e) {
            // a reply is missing or incomplete: only the end of the connection is honest now
            LOG.debug("a reply could not be sent", e);
            Closeables.close(wire);
        } finally {
            inFlight.end(cost);
        }
    }

    private void answer(ByteBuffer buffer, long cookie, Work work) {
        try {
            work.into(buffer);
        } catch (IOException | RuntimeException e) {
            LOG.warn("a request for export '" + export.name() + "' failed", e);
            buffer.clear();
            encoder.error(buffer, cookie, NbdErrno.of(e), "the read failed");
        }
    }

    /** Extents from {@code offset} on, neighbours differing; an error only when there are none. */
    private List<Extent> extents(long offset, long length, int most) throws IOException {
        List<Extent> found = new ArrayList<>();
        long end = offset + length;
        long at = offset;
        for (int steps = 0; at < end && steps < MAXIMUM_STEPS; steps++) {
            Extent next;
            try {
                next = source.extent(at, end - at);
            } catch (IOException e) {
                if (found.isEmpty()) {
                    throw e;
                }
                break;
            }
            long stop = Math.min(end, next.end());
            Extent last = found.isEmpty() ? null : found.getLast();
            if (last != null && last.hole() == next.hole()) {
                found.set(
                        found.size() - 1,
                        new Extent(last.offset(), stop - last.offset(), next.hole()));
            } else if (found.size() < most) {
                found.add(new Extent(at, stop - at, next.hole()));
            } else {
                break;
            }
            at = stop;
        }
        return found;
    }
}
