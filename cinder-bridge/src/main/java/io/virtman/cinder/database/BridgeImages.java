package io.virtman.cinder.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.database.BridgeImage.State;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The table of {@link BridgeImage}s, in our own schema. */
public final class BridgeImages {
    private static final int FAILURE_LIMIT = 1000;
    private static final String COLUMNS =
            "SELECT id, glance_id, volt_id, origin, state, bytes, failure"
                    + " FROM virtman.bridge_image";

    private BridgeImages() {}

    /**
     * Adds a new one.
     *
     * @param glanceId null for one made of a volume
     * @param bytes of the disk; null while unknown
     * @return NOT_EXPECTED when there is one of that id or Glance image
     */
    public static Outcome add(
            Transaction transaction, String id, @Nullable String glanceId, @Nullable Long bytes) {
        return Outcome.ofInsertion(
                transaction.insertOnce(
                        "INSERT INTO virtman.bridge_image (id, glance_id, state, bytes, created_at,"
                                + " updated_at) VALUES (?, ?, ?, ?, ?, ?)",
                        id,
                        glanceId,
                        State.NEW.text,
                        bytes,
                        transaction.nowInMicroseconds(),
                        transaction.nowInMicroseconds()));
    }

    /** The image of this id. */
    public static Optional<BridgeImage> find(Transaction transaction, String id) {
        return transaction.first(BridgeImages::read, COLUMNS + " WHERE id = ?", id);
    }

    /** The image that stands for one of Glance's. */
    public static Optional<BridgeImage> ofGlance(Transaction transaction, String glanceId) {
        return transaction.first(BridgeImages::read, COLUMNS + " WHERE glance_id = ?", glanceId);
    }

    /** All in a state, oldest first. */
    public static List<BridgeImage> in(Transaction transaction, State state) {
        return transaction.list(
                BridgeImages::read,
                COLUMNS + " WHERE state = ? ORDER BY created_at, id",
                state.text);
    }

    /**
     * All that no layer lies on any more, and that have been left alone for a while, so that one a
     * volume is just being made on is not among them. A layer comes to lie on an image that is
     * still being made only when that is complete, so such a one must be left alone for longer.
     *
     * @param age of complete and of failed ones
     * @param unfinished age of all others; longer than anybody waits for them
     */
    public static List<BridgeImage> unused(
            Transaction transaction, Duration age, Duration unfinished) {
        return transaction.list(
                BridgeImages::read,
                COLUMNS
                        + " i WHERE updated_at < CASE WHEN state IN (?, ?) THEN ? ELSE ? END"
                        + " AND NOT EXISTS (SELECT 1 FROM"
                        + " virtman.bridge_layer l WHERE l.source_kind = 'image'"
                        + " AND l.source_id = i.id) ORDER BY created_at, id",
                State.READY.text,
                State.FAILED.text,
                transaction.nowInMicroseconds().minus(age),
                transaction.nowInMicroseconds().minus(unfinished));
    }

    /** Notes that an origin has it. A failed one stays failed. */
    public static Outcome registered(
            Transaction transaction, String id, String voltId, String origin, long bytes) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_image SET volt_id = ?, origin = ?, bytes = ?,"
                                + " state = ?, updated_at = ? WHERE id = ? AND state IN (?, ?)",
                        voltId,
                        origin,
                        bytes,
                        State.IMPORTING.text,
                        transaction.nowInMicroseconds(),
                        id,
                        State.NEW.text,
                        State.IMPORTING.text));
    }

    /** Notes that it is complete. */
    public static Outcome ready(Transaction transaction, String id, long bytes) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_image SET state = ?, bytes = ?, updated_at = ?"
                                + " WHERE id = ? AND state = ?",
                        State.READY.text,
                        bytes,
                        transaction.nowInMicroseconds(),
                        id,
                        State.IMPORTING.text));
    }

    /** Notes that it can't be used, and why: once. */
    public static Outcome failed(Transaction transaction, String id, String reason) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_image SET state = ?, failure = ?, updated_at = ?"
                                + " WHERE id = ? AND state <> ?",
                        State.FAILED.text,
                        reason.substring(0, Math.min(reason.length(), FAILURE_LIMIT)),
                        transaction.nowInMicroseconds(),
                        id,
                        State.FAILED.text));
    }

    /** Keeps it from {@link #unused} for a while longer. */
    public static Outcome touch(Transaction transaction, String id) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_image SET updated_at = ? WHERE id = ?",
                        transaction.nowInMicroseconds(),
                        id));
    }

    /**
     * Takes one that no layer lies on out of use, before its data is removed: {@link #hold} finds
     * it no more.
     *
     * @return NOT_EXPECTED when a layer lies on it
     */
    public static Outcome retire(Transaction transaction, String id) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_image SET state = ?, failure ="
                                + " COALESCE(failure, 'it is being removed') WHERE id = ?"
                                + " AND NOT EXISTS (SELECT 1 FROM virtman.bridge_layer l"
                                + " WHERE l.source_kind = 'image'"
                                + " AND l.source_id = virtman.bridge_image.id)",
                        State.FAILED.text,
                        id));
    }

    /** The image of this id, which nobody changes or removes until the end of this transaction. */
    public static Optional<BridgeImage> hold(Transaction transaction, String id) {
        return transaction.first(
                BridgeImages::read, COLUMNS + " WHERE id = ? LOCK IN SHARE MODE", id);
    }

    /** The same of the image that a layer lies on directly; empty also when there is no layer. */
    public static Optional<BridgeImage> holdUnder(Transaction transaction, String layerId) {
        return transaction.first(
                BridgeImages::read,
                "SELECT i.id, i.glance_id, i.volt_id, i.origin, i.state, i.bytes, i.failure"
                        + " FROM virtman.bridge_layer l JOIN virtman.bridge_image i"
                        + " ON i.id = l.source_id WHERE l.id = ? AND l.source_kind = 'image'"
                        + " LOCK IN SHARE MODE",
                layerId);
    }

    /** Forgets one that no layer lies on. */
    public static Outcome remove(Transaction transaction, String id) {
        return Outcome.ofCount(
                transaction.update(
                        "DELETE FROM virtman.bridge_image WHERE id = ? AND NOT EXISTS (SELECT 1"
                                + " FROM virtman.bridge_layer l WHERE l.source_kind = 'image'"
                                + " AND l.source_id = virtman.bridge_image.id)",
                        id));
    }

    private static BridgeImage read(Row row) throws SQLException {
        String state = row.text("state");
        return new BridgeImage(
                row.text("id"),
                Optional.ofNullable(row.textOrNull("glance_id")),
                Optional.ofNullable(row.textOrNull("volt_id")),
                Optional.ofNullable(row.textOrNull("origin")),
                Arrays.stream(State.values())
                        .filter(value -> value.text.equals(state))
                        .findFirst()
                        .orElseThrow(() -> new SQLException(state)),
                Optional.ofNullable(row.countOrNull("bytes")),
                Optional.ofNullable(row.textOrNull("failure")));
    }
}
