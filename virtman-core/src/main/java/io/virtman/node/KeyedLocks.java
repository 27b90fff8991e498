package io.virtman.node;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One lock per key, so that work on one VM or image never waits for another. A key's lock exists
 * while someone holds or awaits it. Safe for many threads; a thread may hold one key only.
 */
final class KeyedLocks {
    private static final class Entry {
        final ReentrantLock lock = new ReentrantLock();
        int users;
    }

    private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();

    /** A lock that is held until closed, by the thread that took it. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    Held lock(String key) {
        Entry entry =
                entries.compute(
                        key,
                        (_, present) -> {
                            Entry used = present == null ? new Entry() : present;
                            used.users++;
                            return used;
                        });
        entry.lock.lock();
        return () -> {
            entry.lock.unlock();
            entries.computeIfPresent(key, (_, present) -> --present.users == 0 ? null : present);
        };
    }
}
