package io.virtman.cinder.service;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Work that is done again and again, each on a thread of its own, so that one that hangs until its
 * time limit holds up no other. What fails is logged, once per kind of failure in a row.
 */
final class Rounds implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(Rounds.class.getName());
    private static final Duration END = Duration.ofSeconds(5);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    /** Does it now, and again at intervals, until this is closed. */
    synchronized void every(String name, Duration interval, Runnable work) {
        threads.add(
                Thread.ofVirtual().name("rounds-" + name).start(() -> run(name, interval, work)));
    }

    private void run(String name, Duration interval, Runnable work) {
        String failure = "";
        try {
            do {
                failure = attempt(name, work, failure);
            } while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed while it worked
        }
    }

    private static String attempt(String name, Runnable work, String former) {
        try {
            work.run();
            if (!former.isEmpty()) {
                LOGGER.log(Level.INFO, "{0}: works again", name);
            }
            return "";
        } catch (RuntimeException e) {
            if (!e.toString().equals(former)) {
                LOGGER.log(Level.WARNING, "{0}: {1}", name, e);
            }
            return e.toString();
        }
    }

    /** Interrupts what is under way. */
    @Override
    public synchronized void close() {
        closed.countDown();
        threads.forEach(Thread::interrupt);
        List<Thread> ending = List.copyOf(threads);
        threads.clear();
        for (Thread thread : ending) {
            try {
                if (!thread.join(END)) {
                    LOGGER.log(Level.WARNING, "{0} does not end", thread.getName());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
