package io.virtman.messaging.rabbit;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Gives messages up when their time is over, some tens of milliseconds late. One look at all of
 * them now and then costs less than a timer for each; there is none while there are no messages.
 */
final class Deadlines {
    private static final System.Logger LOG = System.getLogger(Deadlines.class.getName());
    private static final long STEP_MILLIS = 25;

    private final Set<Pending> pendings = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Consumer<Pending> expire;
    private final Runnable check;
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("rabbit deadlines").factory());

    /**
     * @param expire called for each message whose time is over
     * @param check called after each look
     */
    Deadlines(Consumer<Pending> expire, Runnable check) {
        this.expire = expire;
        this.check = check;
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void add(Pending pending) {
        pendings.add(pending);
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            schedule();
        }
    }

    void remove(Pending pending) {
        pendings.remove(pending);
    }

    private void schedule() {
        try {
            Future<?> _ = timer.schedule(this::look, STEP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            LOG.log(System.Logger.Level.DEBUG, "closed already");
        }
    }

    private void look() {
        long now = System.nanoTime();
        try {
            for (Pending pending : pendings) {
                if (pending.deadline - now <= 0) {
                    expire.accept(pending);
                }
            }
            check.run();
        } catch (RuntimeException | Error e) { // of one message: the others have deadlines too
            LOG.log(System.Logger.Level.ERROR, "defect in giving up messages", e);
        } finally {
            scheduled.set(false);
            if (!pendings.isEmpty() && scheduled.compareAndSet(false, true)) {
                schedule();
            }
        }
    }

    /** Ends the timer; returns what was left. */
    List<Pending> close() {
        timer.shutdownNow();
        return List.copyOf(pendings);
    }
}
