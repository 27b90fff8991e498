package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.cinder.database.DatabaseException;
import io.virtman.cinder.database.LeaseLostException;
import io.virtman.cinder.database.RequestJournal.Receipt;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.InterruptedRequestException;
import io.virtman.cinder.volume.Ledger;
import io.virtman.cinder.volume.Request;
import io.virtman.messaging.wire.RpcRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Requests without an answer: written down before the broker may forget them, carried out, and
 * taken up again after a restart or an outage of the database. Each is carried out by one thread at
 * a time, and once it is done never again.
 */
public final class Casts {
    private static final Logger LOGGER = System.getLogger(Casts.class.getName());
    private static final int AT_ONCE = 200;
    private static final int ATTEMPTS = 20;

    private final Ledger ledger;
    private final Orders orders;
    private final Semaphore resumed;
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    /** Of requests that are between journal and thread: known to be done or being done. */
    private final Set<String> copies = ConcurrentHashMap.newKeySet();

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
        String uniqueId = request.uniqueId();
        Order order = readable(request);
        if (uniqueId == null || order == null) {
            return;
        }
        Receipt receipt =
                ledger.change(tx ->
                        ledger.journal().receive(tx, uniqueId, order.method(), order.toJson()));
        switch (receipt) {
            case NEW -> {}
            case KNOWN, DONE -> copies.add(uniqueId);
            case FULL -> throw new IllegalStateException("too many requests are being done");
        }
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
        String uniqueId = request.uniqueId();
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
            orders.carryOut(uniqueId, order, token);
            if (uniqueId != null) {
                attempts.remove(uniqueId);
            }
        } catch (DatabaseException | LeaseLostException | InterruptedRequestException e) {
            LOGGER.log(
                    Level.WARNING,
                    "{0} of {1} waits: {2}",
                    order.method(),
                    order.volumeId() == null ? order.snapshotId() : order.volumeId(),
                    e.getMessage());
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, order.method() + " of " + order.volumeId() + " failed", e);
        } finally {
            if (uniqueId != null) {
                running.remove(uniqueId);
            }
        }
    }

    /**
     * Takes up what is in the journal and nobody works on: called at the start, and now and then.
     * It waits for nothing but the database.
     */
    public void resume() {
        for (var request : ledger.read(tx -> ledger.journal().pending(tx, AT_ONCE))) {
            String uniqueId = request.uniqueId();
            if (running.contains(uniqueId) || !resumed.tryAcquire()) {
                continue;
            }
            Thread.ofVirtual()
                    .name("resumed-" + request.method())
                    .start(() -> {
                        try {
                            resume(uniqueId, request.payload());
                        } finally {
                            resumed.release();
                        }
                    });
        }
    }

    private void resume(String uniqueId, String payload) {
        try {
            if (attempts.merge(uniqueId, 1, Integer::sum) > ATTEMPTS) {
                LOGGER.log(Level.ERROR, "a request is given up after {0} attempts", ATTEMPTS);
                ledger.dismiss(new Request(uniqueId, Caller.NOBODY));
                attempts.remove(uniqueId);
                return;
            }
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
