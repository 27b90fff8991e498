package io.virtman.nova.run;

import io.virtman.nova.pace.Window;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Lets servers in, of all boots together: the control plane that they wait for is one. Boots share
 * what the window allows evenly; what one doesn't need the others have. Safe for many threads.
 */
public final class Pace {
    private final ReentrantLock lock = new ReentrantLock();
    private final Window window;
    private final LongSupplier nanos;
    private final Map<String, Integer> underWay = new LinkedHashMap<>(); // by boot
    private long built;
    private long failed;

    /**
     * @param nanos a monotonic clock
     */
    public Pace(Window window, LongSupplier nanos) {
        this.window = window;
        this.nanos = nanos;
    }

    /**
     * Takes a boot in; to be closed at its end.
     *
     * @param most that it wants to have under way at a time
     */
    public Share share(String boot, int most) {
        lock.lock();
        try {
            if (underWay.isEmpty()) {
                window.forget();
            }
            underWay.put(boot, 0);
            return new Share(boot, most);
        } finally {
            lock.unlock();
        }
    }

    /** Servers that may be under way now. */
    public int window() {
        lock.lock();
        try {
            return window.size();
        } finally {
            lock.unlock();
        }
    }

    /** Servers that are, of all boots. */
    public int underWay() {
        lock.lock();
        try {
            return underWay.values().stream().mapToInt(Integer::intValue).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Servers that came up, of all boots, since the start. */
    public long built() {
        lock.lock();
        try {
            return built;
        } finally {
            lock.unlock();
        }
    }

    /** Servers that failed, and requests that weren't answered, since the start. */
    public long failed() {
        lock.lock();
        try {
            return failed;
        } finally {
            lock.unlock();
        }
    }

    /** One boot's part. For one thread. */
    public final class Share implements AutoCloseable {
        private final String boot;
        private final int most;
        private final Map<Integer, Sent> sent = new HashMap<>(); // by batch; those of this process

        private record Sent(long generation, long nanos) {}

        private Share(String boot, int most) {
            this.boot = boot;
            this.most = most;
        }

        /** So many are under way. */
        void underWay(int servers) {
            lock.lock();
            try {
                underWay.put(boot, servers);
            } finally {
                lock.unlock();
            }
        }

        /** How many more may be. */
        int room() {
            lock.lock();
            try {
                int mine = underWay.getOrDefault(boot, 0);
                int all = underWay.values().stream().mapToInt(Integer::intValue).sum();
                int even = Math.max(1, window.size() / underWay.size());
                int free = window.size() - all;
                // who has less than an even part gets it, even when others had taken it before
                int room = mine < even ? Math.max(free, even - mine) : free;
                return Math.max(0, Math.min(room, most - mine));
            } finally {
                lock.unlock();
            }
        }

        /** A batch is sent now. */
        void sent(int batch) {
            lock.lock();
            try {
                sent.put(batch, new Sent(window.generation(), nanos.getAsLong()));
            } finally {
                lock.unlock();
            }
        }

        /** A server of a batch came up. */
        void built(int batch) {
            lock.lock();
            try {
                built++;
                Sent when = sent.get(batch);
                if (when != null) {
                    window.built(
                            when.generation(), Duration.ofNanos(nanos.getAsLong() - when.nanos()));
                }
            } finally {
                lock.unlock();
            }
        }

        /** A server of a batch failed, or the batch was not answered. */
        void failed(int batch) {
            lock.lock();
            try {
                failed++;
                Sent when = sent.get(batch);
                window.failed(when == null ? window.generation() : when.generation());
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                underWay.remove(boot);
            } finally {
                lock.unlock();
            }
        }
    }
}
