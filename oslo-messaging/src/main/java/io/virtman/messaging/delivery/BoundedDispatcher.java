package io.virtman.messaging.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on virtual threads: so many at a time, in the order they came, and no more waiting
 * than were allowed for. What {@code executor_thread_pool_size} is to a server of oslo.messaging
 * ({@code oslo_messaging/server.py}), whose waiting list has no bound. Any thread.
 *
 * <p>A thread runs tasks until none waits and then ends, so that an idle dispatcher costs nothing.
 */
public final class BoundedDispatcher {
    private final String name;
    private final int atATime;
    private final int maximumWaiting;
    private final Consumer<Throwable> failures;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final Set<Thread> workers = new HashSet<>();
    private final AtomicLong threadsMade = new AtomicLong();
    private int running;
    private boolean draining;

    /**
     * A dispatcher without threads yet.
     *
     * @param name of its threads
     * @param atATime how many tasks run at the same time, at least 1
     * @param maximumWaiting how many further ones may wait, at least 0; with a subscription, its
     *     number of unsettled deliveries is enough for all it can be handed
     * @param failures told what a task threw, errors included, on the task's thread; the dispatcher
     *     goes on whatever it is, and whatever this throws
     */
    public BoundedDispatcher(
            String name, int atATime, int maximumWaiting, Consumer<Throwable> failures) {
        if (atATime < 1 || maximumWaiting < 0) {
            throw new IllegalArgumentException(
                    atATime + " tasks at a time, " + maximumWaiting + " waiting");
        }
        this.name = name;
        this.atATime = atATime;
        this.maximumWaiting = maximumWaiting;
        this.failures = failures;
    }

    /**
     * Takes a task, to be started after all those taken before it. Does not wait.
     *
     * @return false, and the task will never run, when too many are waiting or {@link #drain} has
     *     been called
     */
    public boolean dispatch(Runnable task) {
        lock.lock();
        try {
            if (draining || running + waiting.size() >= atATime + maximumWaiting) {
                return false;
            }
            waiting.addLast(task);
            if (workers.size() < atATime) {
                startWorker();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Tasks that are being run. */
    public int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** Tasks that were taken and not started. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes no more tasks and waits until those taken are done. When the time is up the ones not
     * started are forgotten and the running ones interrupted, without waiting for them further. A
     * task may call this; it does not wait for itself.
     *
     * @param limit how long to wait; zero or less not at all
     * @return how many tasks were forgotten or interrupted: 0 when all ended by themselves
     */
    public int drain(Duration limit) {
        Thread caller = Thread.currentThread();
        boolean interrupted = false;
        lock.lock();
        try {
            draining = true;
            long left = limit.toNanos();
            while (!isIdle(caller) && left > 0 && !interrupted) {
                try {
                    left = idle.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            int abandoned = waiting.size() + running - (workers.contains(caller) ? 1 : 0);
            waiting.clear();
            for (Thread worker : workers) {
                if (worker != caller) {
                    worker.interrupt();
                }
            }
            return abandoned;
        } finally {
            lock.unlock();
            if (interrupted) {
                caller.interrupt();
            }
        }
    }

    private boolean isIdle(Thread caller) {
        return waiting.isEmpty() && workers.size() == (workers.contains(caller) ? 1 : 0);
    }

    private void startWorker() {
        Thread worker =
                Thread.ofVirtual()
                        .name(name + "-" + threadsMade.incrementAndGet())
                        .unstarted(this::work);
        workers.add(worker);
        boolean started = false;
        try {
            worker.start();
            started = true;
        } finally {
            if (!started) { // out of memory, say: the caller is told, and the task is not kept
                workers.remove(worker);
                waiting.removeLast();
            }
        }
    }

    private void work() {
        for (Runnable task = next(false); task != null; task = next(true)) {
            try {
                task.run();
            } catch (Throwable failure) {
                report(failure);
            }
        }
    }

    private void report(Throwable failure) {
        try {
            failures.accept(failure);
        } catch (Throwable ignored) {
            // the tasks behind this one matter more than what became of the report
        }
    }

    /** The longest waiting task; null, and the thread is no worker any more, when there is none. */
    private @Nullable Runnable next(boolean oneEnded) {
        lock.lock();
        try {
            if (oneEnded) {
                running--;
            }
            Runnable task = waiting.pollFirst();
            if (task == null) {
                workers.remove(Thread.currentThread());
            } else {
                running++;
            }
            if (draining) {
                idle.signalAll();
            }
            return task;
        } finally {
            lock.unlock();
        }
    }
}
