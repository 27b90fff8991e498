package io.virtman.nova.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import io.virtman.nova.boot.Batch;
import io.virtman.nova.boot.BootServer;
import io.virtman.nova.boot.BootState;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Boots, their batches and their servers. Times are the database's own. */
public final class Boots {
    private static final String COLUMNS =
            "SELECT id, project_id, user_id, idempotency_key, request_digest, request, user_data,"
                    + " trust_id, servers, attempts, delete_on_failure, state, reason, version,"
                    + " created_at, expires_at, ended_at FROM virtman_nova.boot";

    /** Those that go on. */
    private static final String UNFINISHED =
            Arrays.stream(BootState.values())
                    .filter(state -> !state.isLast())
                    .map(state -> "'" + state.name() + "'")
                    .collect(Collectors.joining(", "));

    private static final int LONGEST_REASON = 1000;

    private Boots() {}

    /**
     * A boot to be begun.
     *
     * @param boot with its id; state, version and times don't count
     * @param lasts after which it is given up
     * @return false when there is one with its idempotency key already
     */
    public static boolean add(Transaction transaction, BootRow boot, Duration lasts) {
        return transaction.insertOnce(
                "INSERT INTO virtman_nova.boot (id, project_id, user_id, idempotency_key,"
                        + " request_digest, request, user_data, trust_id, servers, attempts,"
                        + " delete_on_failure, state, version, created_at, expires_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, UTC_TIMESTAMP(6),"
                        + " UTC_TIMESTAMP(6) + INTERVAL ? SECOND)",
                boot.id(),
                boot.projectId(),
                boot.userId(),
                boot.idempotencyKey().orElse(null),
                boot.requestDigest(),
                boot.request(),
                boot.userData().map(BootRow.Secret::base64).orElse(null),
                boot.trustId().orElse(null),
                boot.servers(),
                boot.attempts(),
                boot.deleteOnFailure(),
                BootState.RUNNING.name(),
                lasts.toSeconds());
    }

    /** The boot of this id, of any project. */
    public static Optional<BootRow> find(Transaction transaction, String id) {
        return transaction.first(Boots::read, COLUMNS + " WHERE id = ?", id);
    }

    /** The boot that its project's user gave this key. */
    public static Optional<BootRow> named(Transaction transaction, String projectId, String key) {
        return transaction.first(
                Boots::read,
                COLUMNS + " WHERE project_id = ? AND idempotency_key = ?",
                projectId,
                key);
    }

    /**
     * Boots of a project, the newest first.
     *
     * @param projectId null for all projects
     * @param before only those that began before the one of this id; null for all
     * @param limit 1 or more
     */
    public static List<BootRow> list(
            Transaction transaction,
            @Nullable String projectId,
            @Nullable String before,
            int limit) {
        return transaction.list(
                Boots::read,
                COLUMNS
                        + " WHERE (? IS NULL OR project_id = ?) AND (? IS NULL OR (created_at, id)"
                        + " < (SELECT b.created_at, b.id FROM virtman_nova.boot b WHERE b.id = ?))"
                        + " ORDER BY created_at DESC, id DESC LIMIT ?",
                projectId,
                projectId,
                before,
                before,
                limit);
    }

    /** Those that go on, the oldest first. */
    public static List<BootRow> unfinished(Transaction transaction) {
        return transaction.list(
                Boots::read,
                COLUMNS + " WHERE state IN (" + UNFINISHED + ") ORDER BY created_at, id");
    }

    /** How many of a project go on, and how many servers they want. */
    public static Load load(Transaction transaction, String projectId) {
        return transaction
                .first(
                        row -> new Load(row.number("boots"), row.number("servers")),
                        "SELECT COUNT(*) AS boots, COALESCE(SUM(servers), 0) AS servers"
                                + " FROM virtman_nova.boot WHERE project_id = ? AND state IN ("
                                + UNFINISHED
                                + ")",
                        projectId)
                .orElseThrow();
    }

    /**
     * What a project has under way.
     *
     * @param boots that go on
     * @param servers that these want
     */
    public record Load(int boots, int servers) {}

    /**
     * Lets it go over from one state to another, unless somebody was faster.
     *
     * @return whether it did
     */
    public static boolean enter(
            Transaction transaction, String id, BootState from, BootState target) {
        return transaction.update(
                        "UPDATE virtman_nova.boot SET state = ?, version = version + 1,"
                                + " ended_at = IF(?, UTC_TIMESTAMP(6), NULL),"
                                + " user_data = IF(?, NULL, user_data)"
                                + " WHERE id = ? AND state = ?",
                        target.name(),
                        target.isLast(),
                        target.isLast(),
                        id,
                        from.name())
                == 1;
    }

    /** Notes why there will be no more; the first reason stays. */
    static void giveUp(Transaction transaction, String id, String reason) {
        transaction.update(
                "UPDATE virtman_nova.boot SET reason = ?, version = version + 1"
                        + " WHERE id = ? AND reason IS NULL",
                cut(reason),
                id);
    }

    /** The trust is gone, or nobody can get rid of it. */
    public static void withoutTrust(Transaction transaction, String id) {
        transaction.update("UPDATE virtman_nova.boot SET trust_id = NULL WHERE id = ?", id);
    }

    /** Boots at their end whose trust is still to be deleted. */
    public static List<BootRow> endedWithTrust(Transaction transaction, int limit) {
        return transaction.list(
                Boots::read,
                COLUMNS
                        + " WHERE trust_id IS NOT NULL AND state NOT IN ("
                        + UNFINISHED
                        + ") ORDER BY ended_at LIMIT ?",
                limit);
    }

    /** Batches by number. */
    public static List<Batch> batches(Transaction transaction, String id) {
        return transaction.list(
                row ->
                        new Batch(
                                row.number("number"),
                                row.number("size"),
                                Batch.State.valueOf(row.text("state")),
                                row.time("sent_at")),
                "SELECT number, size, state, sent_at FROM virtman_nova.batch WHERE boot_id = ?"
                        + " ORDER BY number",
                id);
    }

    /** Servers, the first that were seen first. */
    public static List<ServerRow> servers(Transaction transaction, String id) {
        return transaction.list(
                row ->
                        new ServerRow(
                                new BootServer(
                                        row.text("id"),
                                        row.number("batch"),
                                        BootServer.State.valueOf(row.text("state")),
                                        row.time("since")),
                                Optional.ofNullable(row.textOrNull("phase")),
                                Optional.ofNullable(row.textOrNull("host")),
                                Optional.ofNullable(row.textOrNull("fault")),
                                Optional.ofNullable(row.timeOrNull("active_at"))),
                "SELECT id, batch, state, phase, host, fault, since, active_at"
                        + " FROM virtman_nova.server WHERE boot_id = ? ORDER BY since, id",
                id);
    }

    /** By the database's clock. */
    public static Instant now(Transaction transaction) {
        return transaction
                .first(row -> row.time("now"), "SELECT UTC_TIMESTAMP(6) AS now")
                .orElseThrow();
    }

    static @Nullable String cut(@Nullable String text) {
        return text == null || text.length() <= LONGEST_REASON
                ? text
                : text.substring(0, LONGEST_REASON);
    }

    private static BootRow read(Row row) throws SQLException {
        return new BootRow(
                row.text("id"),
                row.text("project_id"),
                row.text("user_id"),
                Optional.ofNullable(row.textOrNull("idempotency_key")),
                row.text("request_digest"),
                row.text("request"),
                Optional.ofNullable(row.textOrNull("user_data")).map(BootRow.Secret::new),
                Optional.ofNullable(row.textOrNull("trust_id")),
                row.number("servers"),
                row.number("attempts"),
                row.flag("delete_on_failure"),
                BootState.valueOf(row.text("state")),
                Optional.ofNullable(row.textOrNull("reason")),
                row.count("version"),
                row.time("created_at"),
                row.time("expires_at"),
                Optional.ofNullable(row.timeOrNull("ended_at")));
    }
}
