package io.virtman.cinder.volume;

import io.virtman.bridge.deadline.Deadline;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One lock per id, for as long as somebody wants it. Whoever takes two takes that of the thing
 * being made first and that of its source second, so nobody waits in a circle.
 */
public final class Locks {
    private static final class Entry {
        final ReentrantLock lock = new ReentrantLock();
        int users;
    }

    /** A lock that is held until closed, by the thread that took it. */
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();
    private final Duration limit;

    /**
     * @param limit how long those may wait whose request has no {@link Deadline}
     */
    public Locks(Duration limit) {
        this.limit = limit;
    }

    /**
     * Waits for the lock of an id.
     *
     * @throws VolumeFault InvalidVolume when others hold it for too long
     * @throws InterruptedRequestException when the service ends
     */
    public Held hold(String id) {
        Entry entry =
                entries.compute(
                        id,
                        (_, present) -> {
                            Entry used = present == null ? new Entry() : present;
                            used.users++;
                            return used;
                        });
        try {
            if (!entry.lock.tryLock(Deadline.orElse(limit).toNanos(), TimeUnit.NANOSECONDS)) {
                release(id);
                throw VolumeFault.volume(id + " is busy with another request");
            }
        } catch (InterruptedException e) {
            release(id);
            Thread.currentThread().interrupt();
            throw new InterruptedRequestException();
        }
        return () -> {
            entry.lock.unlock();
            release(id);
        };
    }

    /**
     * The same, of what a request doesn't change but needs to be left alone.
     *
     * @throws DeferredRequestException when others hold it for too long
     */
    Held holdSource(String id) {
        try {
            return hold(id);
        } catch (VolumeFault e) {
            throw new DeferredRequestException(e.getMessage());
        }
    }

    private void release(String id) {
        entries.computeIfPresent(id, (_, present) -> --present.users == 0 ? null : present);
    }
}
