package io.virtman.volt;

import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends changed lists on threads of its own. Bounded: what does not fit is lost, and counted; the
 * next heartbeat's answer repeats it. A list that waits is replaced by a newer one for the same
 * member.
 */
final class PushQueue implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PushQueue.class.getName());
    private static final int THREADS = 16;
    private static final int CAPACITY = 10_000;

    private record Key(String node, String image) {}

    private final ParentListPush target;
    private final Executor executor;
    private final Map<Key, Push> waiting = new ConcurrentHashMap<>();
    private final AtomicLong lost = new AtomicLong();

    PushQueue(ParentListPush target, Executor executor) {
        this.target = target;
        this.executor = executor;
    }

    /** Threads for the sending, which mostly wait for slow or dead nodes. */
    static ExecutorService threads() {
        return new ThreadPoolExecutor(
                THREADS,
                THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(CAPACITY),
                Thread.ofVirtual().name("volt-push-", 0).factory());
    }

    /** Takes a list to send; never waits. */
    void offer(Push push) {
        Key key = new Key(push.to().name(), push.list().image());
        Push before = waiting.put(key, push);
        if (before != null) {
            waiting.computeIfPresent(key, (_, now) -> newer(before, now));
            return;
        }
        try {
            executor.execute(() -> send(key));
        } catch (RejectedExecutionException e) {
            waiting.remove(key);
            lost.incrementAndGet();
        }
    }

    /** Lists that were not delivered. */
    long lost() {
        return lost.get();
    }

    @Override
    public void close() {
        if (executor instanceof ExecutorService service) {
            service.shutdownNow();
        }
    }

    private static Push newer(Push one, Push other) {
        return one.list().epoch() > other.list().epoch() ? one : other;
    }

    private void send(Key key) {
        Push push = waiting.remove(key);
        if (push == null) {
            return;
        }
        try {
            target.push(push.to(), push.list());
        } catch (RuntimeException e) {
            lost.incrementAndGet();
            LOG.log(Level.DEBUG, () -> "parents not pushed to " + key.node + ": " + e.getMessage());
        }
    }
}
