package io.virtman.cinder.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reading {@code volumes} and what hangs on them. */
public final class Volumes {
    static final String COLUMNS =
            "id, _name_id, project_id, user_id, host, size, availability_zone, status,"
                    + " attach_status, migration_status, previous_status, display_name,"
                    + " snapshot_id, source_volid, volume_type_id, encryption_key_id,"
                    + " provider_location, provider_id, service_uuid, bootable, multiattach,"
                    + " use_quota, created_at, launched_at";

    private static final String ALL = "SELECT " + COLUMNS + " FROM volumes";

    private Volumes() {}

    /** Whether there was a volume of this id, and is no more. */
    public static boolean isDeleted(Transaction transaction, String id) {
        return transaction
                .first(row -> true, "SELECT id FROM volumes WHERE id = ? AND deleted = 1", id)
                .isPresent();
    }

    /** The volume, unless it is deleted. */
    public static Optional<Volume> find(Transaction transaction, String id) {
        return transaction.first(Volumes::read, ALL + " WHERE id = ? AND deleted = 0", id);
    }

    /** The same, and nobody else changes it until the end of this transaction. */
    static Optional<Volume> lock(Transaction transaction, String id) {
        return transaction.first(
                Volumes::read, ALL + " WHERE id = ? AND deleted = 0 FOR UPDATE", id);
    }

    /** The same, and nobody else deletes it until the end of this transaction. */
    static Optional<Volume> hold(Transaction transaction, String id) {
        return transaction.first(
                Volumes::read, ALL + " WHERE id = ? AND deleted = 0 LOCK IN SHARE MODE", id);
    }

    /**
     * All volumes of a backend, in the order of their ids.
     *
     * @param backend {@code host@backend}
     * @param after the last id of the page before, or empty text
     * @param limit of this page, 1 or more
     */
    public static List<Volume> ofBackend(
            Transaction transaction, String backend, String after, int limit) {
        return transaction.list(
                Volumes::read,
                ALL
                        + " WHERE deleted = 0 AND (host = ? OR host LIKE ? ESCAPE '!') AND id > ?"
                        + " ORDER BY id LIMIT ?",
                backend,
                pools(backend),
                after,
                limit);
    }

    /** What its user wrote about it. */
    public static Map<String, String> metadata(Transaction transaction, String id) {
        return entries(transaction, "volume_metadata", "volume_id", id);
    }

    /** What Cinder notes about it: {@code readonly}, {@code attached_mode}, {@code temporary}. */
    public static Map<String, String> adminMetadata(Transaction transaction, String id) {
        return entries(transaction, "volume_admin_metadata", "volume_id", id);
    }

    /** Of the image it was made from; nova takes the image's properties from here. */
    public static Map<String, String> glanceMetadata(Transaction transaction, String id) {
        return entries(transaction, "volume_glance_metadata", "volume_id", id);
    }

    static Map<String, String> entries(
            Transaction transaction, String table, String owner, String id) {
        Map<String, String> entries = new LinkedHashMap<>();
        transaction
                .list(
                        row -> Map.entry(row.text("key"), text(row.textOrNull("value"))),
                        "SELECT `key`, value FROM "
                                + table
                                + " WHERE "
                                + owner
                                + " = ? AND deleted = 0 ORDER BY id",
                        id)
                .forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        return entries;
    }

    /** A LIKE pattern, with {@code !} as its escape, for every pool of a backend. */
    static String pools(String backend) {
        return backend.replaceAll("[!%_]", "!$0") + "#%";
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    static Volume read(Row row) throws SQLException {
        return new Volume(
                row.text("id"),
                row.textOrNull("_name_id"),
                row.textOrNull("project_id"),
                row.textOrNull("user_id"),
                row.textOrNull("host"),
                row.number("size"),
                row.textOrNull("availability_zone"),
                row.text("status"),
                row.text("attach_status"),
                row.textOrNull("migration_status"),
                row.textOrNull("previous_status"),
                row.textOrNull("display_name"),
                row.textOrNull("snapshot_id"),
                row.textOrNull("source_volid"),
                row.text("volume_type_id"),
                row.textOrNull("encryption_key_id"),
                row.textOrNull("provider_location"),
                row.textOrNull("provider_id"),
                row.textOrNull("service_uuid"),
                row.flag("bootable"),
                row.flag("multiattach"),
                row.flagOrNull("use_quota"),
                row.timeOrNull("created_at"),
                row.timeOrNull("launched_at"));
    }
}
