package io.virtman.bridge.leader;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Leases;
import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Leads when it can, by a lease in the database, and stands by otherwise. A leader that loses the
 * lease stops at once, and its late writes are refused.
 */
public final class Leader implements Closeable {
    private static final Logger LOGGER = System.getLogger(Leader.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(30);

    private final Leases leases;
    private final String name;
    private final Duration duration;
    private final Function<Lease, Term> begin;
    private final String holder = UUID.randomUUID().toString();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch leading = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean leads;

    private Leader(Leases leases, String name, Duration duration, Function<Lease, Term> begin) {
        this.leases = leases;
        this.name = name;
        this.duration = duration;
        this.begin = begin;
        this.thread = Thread.ofPlatform().name("leader").unstarted(this::run);
    }

    /**
     * Starts; returns at once, and leads when it can.
     *
     * @param name of what is led
     * @param duration of the leases
     * @param begin what to do when it leads; whatever it throws ends the attempt
     */
    public static Leader start(
            Leases leases, String name, Duration duration, Function<Lease, Term> begin) {
        Leader leader = new Leader(leases, name, duration, begin);
        leader.thread.start();
        return leader;
    }

    /** Whether it leads now. */
    public boolean leads() {
        return leads;
    }

    /** Waits until it leads; false when the time is up before. */
    public boolean awaitLeadership(Duration limit) throws InterruptedException {
        return leading.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        boolean told = false;
        try {
            do {
                try {
                    Optional<Lease> lease = leases.acquire(name, holder);
                    if (lease.isPresent()) {
                        lead(lease.get());
                        told = false;
                    } else if (!told) {
                        told = true;
                        LOGGER.log(Level.INFO, "another service leads {0}; waiting", name);
                    }
                } catch (RuntimeException e) {
                    LOGGER.log(Level.WARNING, "can''t lead: {0}", e.toString());
                }
            } while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody waits for it any more
        }
    }

    private void lead(Lease lease) throws InterruptedException {
        LOGGER.log(Level.INFO, "leading {0}", name);
        try (Term term = begin.apply(lease)) {
            leads = true;
            leading.countDown();
            keep(lease, term);
            if (closed.getCount() == 0) {
                term.sayGoodbye();
            }
        } finally {
            leads = false;
            release(lease);
        }
    }

    /** Renews the lease until that fails for its whole duration, somebody has it, or we end. */
    private void keep(Lease lease, Term term) throws InterruptedException {
        long renewed = System.nanoTime();
        while (!closed.await(duration.toMillis() / 3, TimeUnit.MILLISECONDS)) {
            try {
                if (!leases.renew(lease)) {
                    LOGGER.log(Level.WARNING, "another service leads now");
                    return;
                }
                renewed = System.nanoTime();
                if (!term.goesOn()) {
                    return;
                }
            } catch (DatabaseException e) {
                LOGGER.log(Level.WARNING, "the lease can''t be renewed: {0}", e.getMessage());
                if (System.nanoTime() - renewed > duration.toNanos()) {
                    return;
                }
            }
        }
    }

    private void release(Lease lease) {
        try {
            leases.release(lease);
        } catch (RuntimeException e) {
            LOGGER.log(Level.DEBUG, "the lease runs out by itself: {0}", e.getMessage());
        }
    }

    /** Ends the term, if there is one; what is under way gets some time. */
    @Override
    public void close() {
        closed.countDown();
        try {
            if (!thread.join(END)) {
                LOGGER.log(Level.WARNING, "the service does not end in time");
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
