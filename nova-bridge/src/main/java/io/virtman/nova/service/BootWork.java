package io.virtman.nova.service;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.leader.Term;
import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.cloud.Cloud;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.database.BootRow;
import io.virtman.nova.database.Boots;
import io.virtman.nova.database.DatabaseBootStore;
import io.virtman.nova.run.BootRun;
import io.virtman.nova.run.BootStore;
import io.virtman.nova.run.Pace;
import io.virtman.nova.run.RunLimits;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** All boots that go on, a thread each, for as long as this process leads. */
public final class BootWork implements Term {
    private static final Logger LOGGER = System.getLogger(BootWork.class.getName());
    private static final Duration END = Duration.ofSeconds(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int TRUSTS = 100;

    private final Database database;
    private final Lease lease;
    private final Cloud cloud;
    private final Pace pace;
    private final RunLimits limits;
    private final Duration poll;
    private final Function<BootRow, BootOrder> orders;
    private final Map<String, Thread> running = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /**
     * Begins.
     *
     * @param poll how often each boot is looked at
     * @param orders reads what was asked for, user data decrypted
     */
    public BootWork(
            Database database,
            Lease lease,
            Cloud cloud,
            Pace pace,
            RunLimits limits,
            Duration poll,
            Function<BootRow, BootOrder> orders) {
        this.database = database;
        this.lease = lease;
        this.cloud = cloud;
        this.pace = pace;
        this.limits = limits;
        this.poll = poll;
        this.orders = orders;
        this.thread = Thread.ofVirtual().name("boots").start(this::run);
    }

    private void run() {
        try {
            do {
                try {
                    for (BootRow boot : database.<List<BootRow>>read(Boots::unfinished)) {
                        begin(boot);
                    }
                    endTrusts();
                } catch (DatabaseException | LeaseLostException e) {
                    LOGGER.log(Level.WARNING, "boots wait: {0}", e.getMessage());
                } catch (RuntimeException e) {
                    LOGGER.log(Level.ERROR, "boots wait", e);
                }
            } while (!closed.await(poll.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void begin(BootRow boot) {
        if (closed.getCount() == 0 || running.containsKey(boot.id())) {
            return;
        }
        Thread work = Thread.ofVirtual().name("boot-" + boot.id()).unstarted(() -> carry(boot));
        running.put(boot.id(), work);
        work.start();
    }

    private void carry(BootRow boot) {
        BootStore store = new DatabaseBootStore(database, lease, boot.id());
        try {
            BootOrder order = orders.apply(boot);
            int most = order.maxParallel() == null ? Integer.MAX_VALUE : order.maxParallel();
            try (Cloud.Session session =
                            cloud.session(boot.id(), order, boot.trustId().orElse(""));
                    Pace.Share share = pace.share(boot.id(), most)) {
                turns(boot, store, new BootRun(boot.id(), store, session, share, limits));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (DatabaseException | LeaseLostException e) {
            LOGGER.log(Level.WARNING, "boot {0} waits: {1}", boot.id(), e.getMessage());
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, "boot " + boot.id() + " waits", e);
        } finally {
            running.remove(boot.id());
        }
    }

    private void turns(BootRow boot, BootStore store, BootRun run) throws InterruptedException {
        Duration pause = poll;
        do {
            if (store.now().isAfter(boot.expiresAt())) {
                BootState state = store.progress().state();
                store.giveUp("it was not at its end in time");
                store.enter(state, BootState.FAILED);
                return;
            }
            try {
                if (run.turn()) {
                    return;
                }
                pause = poll;
            } catch (CloudException e) {
                LOGGER.log(Level.WARNING, "boot {0} waits: {1}", boot.id(), e.getMessage());
                Duration longer = pause.multipliedBy(2);
                pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
            }
        } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** The right to act for users ends with their boots. */
    private void endTrusts() {
        for (BootRow boot : database.<List<BootRow>>read(tx -> Boots.endedWithTrust(tx, TRUSTS))) {
            try {
                cloud.giveBack(boot.id(), orders.apply(boot), boot.trustId().orElseThrow());
            } catch (CloudException e) {
                if (e.kind() == CloudException.Kind.UNAVAILABLE) {
                    LOGGER.log(Level.WARNING, "a trust waits for its end: {0}", e.getMessage());
                    return;
                }
                LOGGER.log(
                        Level.WARNING,
                        "the trust of boot {0} stays until it expires: {1}",
                        boot.id(),
                        e.getMessage());
            }
            boolean _ =
                    database.change(
                            lease,
                            tx -> {
                                Boots.withoutTrust(tx, boot.id());
                                return true;
                            });
        }
    }

    /** Boots that are being carried out. */
    public int running() {
        return running.size();
    }

    @Override
    public boolean goesOn() {
        return true;
    }

    @Override
    public void sayGoodbye() {}

    /** Interrupts all; the next leader goes on. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        running.values().forEach(Thread::interrupt);
        try {
            long end = System.nanoTime() + END.toNanos();
            for (Thread each : running.values()) {
                long left = Math.max(1, end - System.nanoTime());
                if (!each.join(Duration.ofNanos(left))) {
                    LOGGER.log(Level.WARNING, "{0} does not end", each.getName());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
