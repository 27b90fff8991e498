package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Requests taken from the queue. Cinder acknowledges before it works, and loses what a crash
 * interrupts; the bridge writes the request here first, and finds it again after a restart. That a
 * request was done stays known until {@link #purge}, so that a repeated delivery does nothing.
 *
 * <p>A payload is what is asked for, without the user's token: whoever writes it leaves that out.
 * It is erased when the request is done.
 */
public final class RequestJournal {
    private static final String RECEIVED = "received";
    private static final String DONE = "done";

    /** MEDIUMTEXT has room for 16 MiB; the largest request seen has 30 KiB. */
    private static final int PAYLOAD_LIMIT = 1 << 20;

    /**
     * A request that is not done.
     *
     * @param uniqueId oslo.messaging's {@code _unique_id}
     * @param method e.g. {@code create_volume}
     * @param payload as it was given
     * @param receivedAt when it was first received
     */
    public record Request(String uniqueId, String method, String payload, Instant receivedAt) {}

    /** What became of a request that was to be written. */
    public enum Receipt {
        /** It is written: acknowledge it, and work. */
        NEW,
        /** It is here already, not done: acknowledge it; who has it works, or a restart will. */
        KNOWN,
        /** It has been done: acknowledge it. */
        DONE,
        /** There is no room: don't acknowledge it; take no more until some are done. */
        FULL
    }

    private final String backend;
    private final int limit;

    /**
     * How many may be written before those that aren't done must be counted again. Only ever too
     * few: some may have been done since.
     */
    private final AtomicInteger room = new AtomicInteger();

    private final ReentrantLock counting = new ReentrantLock();

    /**
     * @param backend {@code host@backend}; each has its own requests
     * @param limit how many requests may be here that aren't done, 1 or more
     */
    public RequestJournal(String backend, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit: 1 or more");
        }
        this.backend = backend;
        this.limit = limit;
    }

    /**
     * Writes a request, once, in a single statement. More than the limit may be written only by
     * those that are writing at this moment.
     *
     * @param payload 1 MiB of UTF-8 at most
     * @throws IllegalArgumentException when it is larger
     */
    public Receipt receive(
            Transaction transaction, String uniqueId, String method, String payload) {
        if (payload.getBytes(StandardCharsets.UTF_8).length > PAYLOAD_LIMIT) {
            throw new IllegalArgumentException("request " + uniqueId + " is larger than 1 MiB");
        }
        if (room.getAndDecrement() <= 0 && !hasRoom(transaction)) {
            return known(transaction, uniqueId).orElse(Receipt.FULL);
        }
        boolean written =
                transaction.insertOnce(
                        "INSERT INTO virtman.bridge_request (unique_id, backend, method, payload,"
                                + " state, received_at) VALUES (?, ?, ?, ?, ?, ?)",
                        uniqueId,
                        backend,
                        method,
                        payload,
                        RECEIVED,
                        transaction.nowInMicroseconds());
        return written ? Receipt.NEW : known(transaction, uniqueId).orElse(Receipt.KNOWN);
    }

    /**
     * What is to be done, oldest first: after a restart, all of it.
     *
     * @param after whom to go on; null for the first ones
     */
    public List<Request> pending(Transaction transaction, @Nullable Request after, int maximum) {
        Instant time = after == null ? Instant.EPOCH : after.receivedAt();
        return transaction.list(
                row ->
                        new Request(
                                row.text("unique_id"),
                                row.text("method"),
                                row.text("payload"),
                                row.time("received_at")),
                "SELECT unique_id, method, payload, received_at FROM virtman.bridge_request"
                        + " WHERE backend = ? AND state = ? AND (received_at > ?"
                        + " OR (received_at = ? AND unique_id > ?))"
                        + " ORDER BY received_at, unique_id LIMIT ?",
                backend,
                RECEIVED,
                time,
                time,
                after == null ? "" : after.uniqueId(),
                maximum);
    }

    /** Whether a request is still to be done. */
    public boolean isPending(Transaction transaction, String uniqueId) {
        return transaction
                .first(
                        row -> row.text("state").equals(RECEIVED),
                        "SELECT state FROM virtman.bridge_request WHERE unique_id = ?",
                        uniqueId)
                .orElse(false);
    }

    /** Notes, in the transaction that did it, that a request is done; erases its payload. */
    public Outcome done(Transaction transaction, String uniqueId) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_request SET state = ?, payload = ''"
                                + " WHERE unique_id = ? AND state = ?",
                        DONE,
                        uniqueId,
                        RECEIVED));
    }

    /**
     * Forgets requests that are done.
     *
     * @param age how long ago they were received; longer than a broker may repeat a delivery
     * @param maximum how many at once, so that the transaction stays short
     * @return how many
     */
    public int purge(Transaction transaction, Duration age, int maximum) {
        return transaction.update(
                "DELETE FROM virtman.bridge_request WHERE backend = ? AND state = ?"
                        + " AND received_at < ? ORDER BY received_at LIMIT ?",
                backend,
                DONE,
                transaction.nowInMicroseconds().minus(age),
                maximum);
    }

    private static Optional<Receipt> known(Transaction transaction, String uniqueId) {
        return transaction.first(
                row -> row.text("state").equals(DONE) ? Receipt.DONE : Receipt.KNOWN,
                "SELECT state FROM virtman.bridge_request WHERE unique_id = ?",
                uniqueId);
    }

    /** Only one thread's count is kept, so that none overwrites a newer one. */
    private boolean hasRoom(Transaction transaction) {
        boolean kept = counting.tryLock();
        try {
            int pending = count(transaction);
            if (kept) {
                room.set(limit - pending - 1);
            }
            return pending < limit;
        } finally {
            if (kept) {
                counting.unlock();
            }
        }
    }

    private int count(Transaction transaction) {
        return transaction
                .first(
                        row -> row.number("n"),
                        "SELECT COUNT(*) AS n FROM (SELECT 1 FROM virtman.bridge_request"
                                + " WHERE backend = ? AND state = ? LIMIT ?) AS pending",
                        backend,
                        RECEIVED,
                        limit)
                .orElse(0);
    }
}
