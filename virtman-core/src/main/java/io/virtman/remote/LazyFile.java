package io.virtman.remote;

import io.virtman.block.BlockSource;
import io.virtman.block.UnreachableException;
import io.virtman.image.FileImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A file of a server that can be read while it is fetched into a private sparse copy. A read
 * fetches what it needs at once, a thread of the owner's ({@link #fetchAll}) the rest in file order
 * at a bounded rate. Each unit is asked for once, however many wait for it. Safe for many threads.
 *
 * <pre>
 *   RUNNING &lt;--renewed, back-- WAITING (credential refused or unknown, server away)
 *      |  \--server lost it, changed it, or sends what is of no use--&gt; FAILED
 *      \--all units there--&gt; COMPLETE
 * </pre>
 */
public final class LazyFile implements BlockSource {
    /** Bytes fetched as one: what one leaf page of the hash tree covers. */
    public static final int UNIT = 512 * 1024;

    static final int UNITS_AT_ONCE = 4;
    private static final int READERS_AT_ONCE = 8;

    private final RemoteFile remote;
    private final FetchLimits limits;
    private final FetchRate rate;
    private final RangeClient client;
    private final SparseUnits local;
    private final FileImageSource content;
    private final Semaphore turns = new Semaphore(READERS_AT_ONCE);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // guarded by the lock:
    private final UnitMap map;
    private final ServerState server;
    private boolean closed;
    private int readers; // that wait

    /**
     * @param copy a file of the remote's length, all hole; stays the caller's to delete
     * @param headers null while they are not known
     * @param bytesPerSecond of {@link #fetchAll}
     */
    public LazyFile(
            RemoteFile remote,
            Path copy,
            @Nullable Map<String, String> headers,
            long bytesPerSecond,
            FetchLimits limits)
            throws IOException {
        this.remote = remote;
        this.limits = limits;
        this.rate = new FetchRate(bytesPerSecond);
        this.server = new ServerState(limits, headers);
        this.map = new UnitMap(Math.toIntExact(Math.ceilDiv(remote.length(), UNIT)));
        this.local = new SparseUnits(copy);
        this.content = FileImageSource.open(copy);
        this.client = new RangeClient(remote, limits);
    }

    /** Puts other headers in force; who waits for them goes on. */
    public void renew(Map<String, String> renewed) {
        RangeClient.requireHeaders(renewed);
        lock.lock();
        try {
            server.renew(renewed);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Why it waits, for other headers or for the server; null when it does not. */
    public @Nullable String waiting() {
        lock.lock();
        try {
            return server.waiting();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of the file that are here. */
    public long bytesHere() {
        lock.lock();
        try {
            return Math.min((long) map.count() * UNIT, remote.length());
        } finally {
            lock.unlock();
        }
    }

    /** Bytes received from the server. */
    public long bytesIn() {
        return client.bytesIn();
    }

    @Override
    public long size() {
        return remote.length();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        long end = offset + target.remaining();
        long giveUp = System.nanoTime() + limits.patience().toNanos();
        for (int unit = unit(offset); unit < Math.ceilDiv(end, (long) UNIT); unit++) {
            await(unit, (int) Math.ceilDiv(end, (long) UNIT), giveUp);
        }
        content.read(offset, target);
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) throws IOException {
        int first = unit(offset);
        int end = (int) Math.ceilDiv(offset + target.remaining(), (long) UNIT);
        lock.lock();
        try {
            if (!map.has(first, end)) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        content.read(offset, target);
        return true;
    }

    private static int unit(long offset) {
        return (int) (offset / UNIT);
    }

    /** For one reader: until the unit is there. */
    private void await(int unit, int end, long giveUp) throws IOException {
        while (true) {
            Run run = null;
            lock.lock();
            try {
                if (map.has(unit)) {
                    return;
                }
                requireUsable();
                long now = System.nanoTime();
                if (now - giveUp >= 0) {
                    throw new UnreachableException(
                            "the image's source gives nothing: " + server.reason());
                }
                Map<String, String> headers = server.wholeOnly() ? null : server.ask(now);
                if (headers != null && !map.isUnderWay(unit) && turns.tryAcquire()) {
                    run = claim(unit, Math.min(end, unit + UNITS_AT_ONCE), headers);
                } else {
                    pause(unit, giveUp, now);
                }
            } finally {
                lock.unlock();
            }
            if (run != null) {
                try {
                    fetch(run);
                } finally {
                    turns.release();
                }
            }
        }
    }

    /** Under the lock. */
    @SuppressWarnings("WaitNotInLoop") // the caller looks again
    private void pause(int unit, long giveUp, long now) throws IOException {
        long retry = map.isUnderWay(unit) ? 0 : server.pause(now);
        if (readers++ == 0) {
            changed.signalAll(); // a pass that keeps to its rate hurries
        }
        try {
            long left = giveUp - now;
            var _ = changed.awaitNanos(retry > 0 ? Math.min(left, retry) : left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the image's source");
        } finally {
            readers--;
        }
    }

    private void requireUsable() throws IOException {
        String failure = server.failure();
        if (failure != null) {
            throw new IOException(failure);
        }
        if (closed) {
            throw new IOException("the import has ended");
        }
    }

    /** Units claimed for one request. */
    private record Run(int first, int end, Map<String, String> headers) {}

    /** Under the lock: as many units as can be had at once, up to {@code end}. */
    private Run claim(int first, int end, Map<String, String> headers) {
        return new Run(first, map.claim(first, end), headers);
    }

    private void fetch(Run run) throws InterruptedIOException {
        long offset = (long) run.first() * UNIT;
        int length = (int) (Math.min((long) run.end() * UNIT, remote.length()) - offset);
        boolean done = false;
        try {
            byte[] bytes = client.range(offset, length, run.headers());
            keep(offset, bytes);
            done = true;
            arrived(run);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            failed(e, run.headers());
        } finally {
            if (!done) {
                lock.lock();
                try {
                    map.released(run.first(), run.end());
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private void keep(long offset, byte[] bytes) throws Refusal {
        try {
            local.write(offset, ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new Refusal(Refusal.Kind.USELESS, "can't be kept on this host: " + e);
        }
    }

    private void arrived(Run run) {
        lock.lock();
        try {
            map.arrived(run.first(), run.end());
            server.succeeded();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void failed(IOException e, Map<String, String> used) {
        lock.lock();
        try {
            server.failed(e, used);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Fetches what nobody asked for, until all is there. For one thread.
     *
     * @throws IOException when that will never be; the message says why
     * @throws InterruptedIOException when the calling thread is interrupted
     */
    public void fetchAll() throws IOException {
        long paidUntil = System.nanoTime(); // the rate allows nothing before
        while (true) {
            Run run = null;
            Map<String, String> stream = null;
            lock.lock();
            try {
                requireUsable();
                if (map.whole()) {
                    return;
                }
                long now = System.nanoTime();
                int missing = map.nextMissing();
                Map<String, String> headers = server.ask(now);
                if (headers == null) {
                    pauseFor(server.pause(now));
                } else if (server.wholeOnly()) {
                    stream = headers;
                } else if (missing >= units()) {
                    pauseFor(Long.MAX_VALUE); // the rest is under way
                } else if (paidUntil - now > 0) {
                    pauseFor(paidUntil - now);
                } else {
                    run = claim(missing, missing + rate.unitsAtOnce(), headers);
                }
            } finally {
                lock.unlock();
            }
            if (run != null) {
                fetch(run);
                paidUntil =
                        Math.max(paidUntil, System.nanoTime())
                                + rate.nanos(run.end() - run.first());
            } else if (stream != null) {
                fetchWhole(stream);
            }
        }
    }

    /** Under the lock. */
    @SuppressWarnings("WaitNotInLoop") // the callers look again
    private void pauseFor(long nanos) throws InterruptedIOException {
        try {
            var _ = changed.awaitNanos(Math.min(nanos, TimeUnit.MINUTES.toNanos(1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while fetching");
        }
    }

    private int units() {
        return Math.toIntExact(Math.ceilDiv(remote.length(), UNIT));
    }

    /** One pass over a file that can only be had from its beginning; readers wait for it. */
    private void fetchWhole(Map<String, String> used) throws InterruptedIOException {
        long paidUntil = System.nanoTime();
        try (InputStream stream = client.whole(used)) {
            for (int unit = 0; unit < units(); unit++) {
                long offset = (long) unit * UNIT;
                int length = (int) Math.min(UNIT, remote.length() - offset);
                byte[] bytes = StallGuard.read(stream, length, limits.request());
                client.received(bytes.length);
                if (bytes.length < length) {
                    throw new IOException("the server broke off at " + (offset + bytes.length));
                }
                take(unit, offset, bytes, used);
                paidUntil = Math.max(paidUntil, System.nanoTime()) + rate.nanos(1);
                pace(paidUntil);
            }
        } catch (IOException e) {
            if (e.getClass() == InterruptedIOException.class) {
                throw (InterruptedIOException) e;
            }
            failed(e, used);
        }
    }

    private void take(int unit, long offset, byte[] bytes, Map<String, String> used)
            throws IOException {
        lock.lock();
        try {
            if (map.has(unit)) {
                return; // what was served stays
            }
        } finally {
            lock.unlock();
        }
        keep(offset, bytes);
        arrived(new Run(unit, unit + 1, used));
    }

    /** Waits for the rate unless a reader waits for us. */
    private void pace(long until) throws InterruptedIOException {
        lock.lock();
        try {
            long left = until - System.nanoTime();
            while (readers == 0 && left > 0 && !closed) {
                pauseFor(left);
                left = until - System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        client.close();
        content.close();
    }
}
