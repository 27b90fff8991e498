package io.virtman.cache;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The pages used last, at most a given number. Safe for many threads. */
final class PageMemory {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, byte[]> pages;

    PageMemory(int maximum) {
        this.pages =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
                        return size() > maximum;
                    }
                };
    }

    byte @Nullable [] get(long key) {
        lock.lock();
        try {
            return pages.get(key);
        } finally {
            lock.unlock();
        }
    }

    void put(long key, byte[] page) {
        lock.lock();
        try {
            pages.put(key, page);
        } finally {
            lock.unlock();
        }
    }
}
