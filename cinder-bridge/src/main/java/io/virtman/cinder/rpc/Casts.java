package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.cinder.database.RequestJournal;
import io.virtman.cinder.database.RequestJournal.Receipt;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.DeferredRequestException;
import io.virtman.cinder.volume.InterruptedRequestException;
import io.virtman.cinder.volume.Ledger;
import io.virtman.cinder.volume.Request;
import io.virtman.cinder.volume.VolumeFault;
import io.virtman.messaging.wire.RpcRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests without an answer: written down before the broker may forget them, carried out, and
 * taken up again after a restart or an outage of the database. Each is carried out by one thread at
 * a time, and once it is done never again.
 */
public final class Casts {
    private static final Logger LOGGER = System.getLogger(Casts.class.getName());
    private static final int PAGE = 200;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 5;

    /** The journal's column; what has a longer id is done once, without it. */
    private static final int LONGEST_ID = 64;

    private static final Duration END = Duration.ofSeconds(5);

    private final Ledger ledger;
    private final Orders orders;
    private final Semaphore resumed;
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** The last of the journal that was taken up in this turn; null when the next one begins. */
    private RequestJournal.@Nullable Request last;

    /** How often requests have failed as nobody expected; an outage does not count. */
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    /** Of requests that are between journal and thread: known to be done or being done. */
    private final Set<String> copies = ConcurrentHashMap.newKeySet();

    /** Of requests that are between journal and thread, and new: their threads do them. */
    private final Set<String> arriving = ConcurrentHashMap.newKeySet();

    /**
     * @param atOnce how many requests of the journal are carried out at once
     */
    public Casts(Ledger ledger, Flows flows, int atOnce) {
        this.ledger = ledger;
        this.orders = new Orders(flows);
        this.resumed = new Semaphore(atOnce);
    }

    /**
     * Writes a request down; one that can't be read is left to {@link #carryOut}, which says so.
     *
     * @throws IllegalStateException when there is no room; the broker keeps it
     */
    void journal(RpcRequest request) {
        String uniqueId = id(request);
        Order order = readable(request);
        if (uniqueId == null || order == null) {
            return;
        }
        Receipt receipt = ledger.receive(uniqueId, order.method(), order.toJson());
        switch (receipt) {
            case NEW -> arriving.add(uniqueId);
            case KNOWN, DONE -> {
                arriving.remove(uniqueId); // its thread never came
                copies.add(uniqueId);
            }
            case FULL -> throw new IllegalStateException("too many requests are being done");
        }
    }

    private static @Nullable String id(RpcRequest request) {
        String uniqueId = request.uniqueId();
        return uniqueId == null || uniqueId.isEmpty() || uniqueId.length() > LONGEST_ID
                ? null
                : uniqueId;
    }

    private static @Nullable Order readable(RpcRequest request) {
        try {
            return OrderReader.read(request);
        } catch (MalformedRequestException e) {
            return null;
        }
    }

    /** Carries a request out that has just come. */
    @Nullable JsonNode carryOut(RpcRequest request) {
        String uniqueId = id(request);
        if (uniqueId != null && copies.remove(uniqueId)) {
            return null;
        }
        try {
            run(uniqueId, OrderReader.read(request), request.context().authToken().orElse(null));
        } catch (MalformedRequestException e) {
            LOGGER.log(Level.WARNING, "{0} is ignored: {1}", request, e.getMessage());
        }
        return null;
    }

    private void run(@Nullable String uniqueId, Order order, @Nullable String token) {
        if (uniqueId != null && !running.add(uniqueId)) {
            return;
        }
        try {
            if (uniqueId != null && !isToBeDone(uniqueId)) {
                return;
            }
            orders.carryOut(uniqueId, order, token);
            if (uniqueId != null) {
                failures.remove(uniqueId);
            }
        } catch (DeferredRequestException e) {
            LOGGER.log(Level.DEBUG, "{0} waits: {1}", order.method(), e.getMessage());
            if (uniqueId == null) {
                giveUp(null, order); // it is in no journal
            }
        } catch (DatabaseException
                | LeaseLostException
                | InterruptedRequestException
                | VolumeFault e) { // of the flows' own, only that another request is busy with it
            LOGGER.log(
                    Level.WARNING,
                    "{0} of {1} waits: {2}",
                    order.method(),
                    order.volumeId() == null ? order.snapshotId() : order.volumeId(),
                    e.getMessage());
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, order.method() + " of " + order.volumeId() + " failed", e);
            if (uniqueId != null && failures.merge(uniqueId, 1, Integer::sum) >= ATTEMPTS) {
                giveUp(uniqueId, order);
            }
        } finally {
            if (uniqueId != null) {
                running.remove(uniqueId);
            }
        }
    }

    /**
     * One that was read from the journal a while ago may be done: twice would be once too often.
     */
    private boolean isToBeDone(String uniqueId) {
        return arriving.remove(uniqueId)
                || ledger.<Boolean>read(tx -> ledger.journal().isPending(tx, uniqueId));
    }

    private void giveUp(@Nullable String uniqueId, Order order) {
        try {
            orders.abandon(ledger, uniqueId, order);
            if (uniqueId != null) {
                failures.remove(uniqueId);
            }
            LOGGER.log(Level.ERROR, "{0} is given up", order.method());
        } catch (DatabaseException | LeaseLostException e) {
            LOGGER.log(Level.WARNING, "{0} waits: {1}", order.method(), e.getMessage());
        }
    }

    /**
     * Takes up what is in the journal and nobody works on: called at the start, and now and then,
     * by one thread. It goes on until enough requests are being carried out that don't end soon;
     * those behind them have their turn the next time.
     */
    public void resume() {
        List<RequestJournal.Request> page;
        do {
            page = ledger.read(tx -> ledger.journal().pending(tx, last, PAGE));
            for (RequestJournal.Request request : page) {
                if (isFree(request.uniqueId()) && !start(request)) {
                    return;
                }
                last = request;
            }
        } while (page.size() == PAGE);
        last = null;
    }

    private boolean isFree(String uniqueId) {
        return !running.contains(uniqueId) && !arriving.contains(uniqueId);
    }

    private boolean start(RequestJournal.Request request) {
        try {
            if (closed || !resumed.tryAcquire(SOON.toNanos(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        Thread thread =
                Thread.ofVirtual()
                        .name("resumed-" + request.method())
                        .unstarted(() -> {
                            try {
                                resume(request.uniqueId(), request.payload());
                            } finally {
                                resumed.release();
                                threads.remove(Thread.currentThread());
                            }
                        });
        threads.add(thread);
        thread.start();
        return true;
    }

    /** Interrupts what was resumed, and waits for its end; it goes on with the next leader. */
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        long end = System.nanoTime() + END.toNanos();
        try {
            for (Thread thread : threads) {
                long left = Math.max(1, end - System.nanoTime());
                if (!thread.join(Duration.ofNanos(left))) {
                    LOGGER.log(Level.WARNING, "{0} does not end", thread.getName());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void resume(String uniqueId, String payload) {
        try {
            run(uniqueId, Order.ofJson(payload), null);
        } catch (MalformedRequestException e) {
            LOGGER.log(Level.ERROR, "a request is given up: {0}", e.getMessage());
            ledger.dismiss(new Request(uniqueId, Caller.NOBODY));
        } catch (DatabaseException | LeaseLostException e) {
            LOGGER.log(Level.WARNING, "a request waits: {0}", e.getMessage());
        }
    }

    /** Requests that are being carried out. */
    public int running() {
        return running.size();
    }
}
