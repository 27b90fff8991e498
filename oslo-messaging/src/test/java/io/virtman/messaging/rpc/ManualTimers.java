package io.virtman.messaging.rpc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Time that passes when the test says so; alarms run on the thread of the test. */
final class ManualTimers implements Timers {
    private record Pending(long id, long at, Runnable action) {}

    private final List<Pending> pending = new ArrayList<>();
    private long lastId;
    private long now;
    private boolean closed;

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public synchronized Alarm after(Duration delay, Runnable action) {
        Pending alarm = new Pending(++lastId, now + delay.toNanos(), action);
        if (!closed) {
            pending.add(alarm);
        }
        return () -> cancel(alarm);
    }

    private synchronized void cancel(Pending alarm) {
        pending.removeIf(other -> other.id == alarm.id);
    }

    synchronized int alarms() {
        return pending.size();
    }

    /** Lets time pass, with all that happens meanwhile. */
    void advance(Duration duration) {
        long end = nanoTime() + duration.toNanos();
        Optional<Pending> next = next(end);
        while (next.isPresent()) {
            next.get().action().run();
            next = next(end);
        }
    }

    private synchronized Optional<Pending> next(long end) {
        Optional<Pending> first =
                pending.stream()
                        .filter(alarm -> alarm.at <= end)
                        .min(Comparator.comparingLong(Pending::at));
        first.ifPresent(pending::remove);
        now = Math.max(now, first.map(Pending::at).orElse(end));
        return first;
    }

    @Override
    public synchronized void close() {
        closed = true;
        pending.clear();
    }
}
