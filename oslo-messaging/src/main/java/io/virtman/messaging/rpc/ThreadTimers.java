package io.virtman.messaging.rpc;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Real time: one daemon thread waits for all alarms; each action gets a virtual thread. */
final class ThreadTimers implements Timers {
    private final ScheduledThreadPoolExecutor scheduler;

    ThreadTimers(String name) {
        scheduler =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name(name).factory());
        scheduler.setRemoveOnCancelPolicy(true);
        scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Alarm after(Duration delay, Runnable action) {
        try {
            ScheduledFuture<?> future =
                    scheduler.schedule(
                            () -> {
                                Thread.startVirtualThread(action);
                            },
                            delay.toNanos(),
                            TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException _) {
            return () -> {}; // closed in the meantime
        }
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
