package io.virtman.cinder.database;

import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows as cinder-api and cinder-scheduler of Zed write them before a request comes to us. */
public final class Seed {
    public static final String PROJECT = "be562ba3ff0944298b6b9bb4df0dd783";
    public static final String USER = "91080c8ce9804cbe9a019389ea75d65b";
    public static final String TYPE = "c8e57c72-76c4-4068-879b-f9daeec7cf45";
    public static final String HOST = TestCinder.BACKEND + "#pool0";

    private final TestCinder cinder;

    public Seed(TestCinder cinder) {
        this.cinder = cinder;
    }

    public static String uuid() {
        return UUID.randomUUID().toString();
    }

    /** The type "virtman" and its user's quotas, with nothing in use. */
    public void basics() throws SQLException {
        cinder.update(
                "INSERT INTO volume_types (created_at, deleted, id, name, is_public)"
                        + " VALUES (UTC_TIMESTAMP(), 0, ?, 'virtman', 1)",
                TYPE);
        cinder.update(
                "INSERT INTO volume_type_extra_specs (created_at, deleted, volume_type_id, `key`,"
                        + " value) VALUES (UTC_TIMESTAMP(), 0, ?, 'volume_backend_name', 'virtman')",
                TYPE);
        for (String resource :
                new String[] {
                    "volumes", "gigabytes", "snapshots",
                    "volumes_virtman", "gigabytes_virtman", "snapshots_virtman"
                }) {
            cinder.update(
                    "INSERT INTO quota_usages (created_at, deleted, project_id, resource, in_use,"
                            + " reserved, race_preventer) VALUES (UTC_TIMESTAMP(), 0, ?, ?, 0, 0, 1)",
                    PROJECT,
                    resource);
        }
    }

    /** A volume in any status, counted in the quota. */
    public String volume(int size, String status) throws SQLException {
        String id = uuid();
        cinder.update(
                "INSERT INTO volumes (created_at, deleted, id, user_id, project_id, host, size,"
                        + " availability_zone, status, attach_status, scheduled_at, display_name,"
                        + " volume_type_id, bootable, multiattach, use_quota) VALUES"
                        + " ('2026-03-04 05:00:00', 0, ?, ?, ?, ?, ?, 'nova', ?, 'detached',"
                        + " '2026-03-04 05:00:00', 'a volume', ?, 0, 0, 1)",
                id,
                USER,
                PROJECT,
                HOST,
                size,
                status,
                TYPE);
        use("volumes", 1);
        use("gigabytes", size);
        return id;
    }

    /** A volume that create_volume comes for, with its worker's row. */
    public String creating(int size) throws SQLException {
        String id = volume(size, "creating");
        worker(Worker.VOLUME, id, "creating");
        return id;
    }

    public void worker(String type, String id, String status) throws SQLException {
        cinder.update(
                "INSERT INTO workers (created_at, updated_at, deleted, resource_type, resource_id,"
                        + " status, race_preventer) VALUES (UTC_TIMESTAMP(), UTC_TIMESTAMP(6), 0,"
                        + " ?, ?, ?, 0)",
                type,
                id,
                status);
    }

    public String snapshot(String volumeId, int size, String status) throws SQLException {
        String id = uuid();
        cinder.update(
                "INSERT INTO snapshots (created_at, deleted, id, volume_id, user_id, project_id,"
                        + " status, progress, volume_size, display_name, volume_type_id, use_quota)"
                        + " VALUES ('2026-03-04 05:00:00', 0, ?, ?, ?, ?, ?, '0%', ?, 'sn', ?, 1)",
                id, volumeId, USER, PROJECT, status, size, TYPE);
        use("snapshots", 1);
        use("gigabytes", size);
        return id;
    }

    /** An attachment as POST attachments leaves it. */
    public String reserved(String volumeId, @Nullable String instance) throws SQLException {
        String id = uuid();
        cinder.update(
                "INSERT INTO volume_attachment (created_at, updated_at, deleted, id, volume_id,"
                        + " instance_uuid, attach_status, attach_mode, connection_info)"
                        + " VALUES ('2026-03-04 05:00:00', '2026-03-04 05:00:00', 0, ?, ?, ?,"
                        + " 'reserved', 'null', '{}')",
                id,
                volumeId,
                instance);
        cinder.update(
                "UPDATE volumes SET status = 'reserved', attach_status = 'reserved' WHERE id = ?",
                volumeId);
        return id;
    }

    public void glance(String column, String id, String key, String value) throws SQLException {
        cinder.update(
                "INSERT INTO volume_glance_metadata (created_at, deleted, "
                        + column
                        + ", `key`, value) VALUES (UTC_TIMESTAMP(), 0, ?, ?, ?)",
                id,
                key,
                value);
    }

    public void admin(String volumeId, String key, String value) throws SQLException {
        cinder.update(
                "INSERT INTO volume_admin_metadata (created_at, deleted, volume_id, `key`, value)"
                        + " VALUES (UTC_TIMESTAMP(), 0, ?, ?, ?)",
                volumeId,
                key,
                value);
    }

    /** A reservation as the API makes it. */
    public String reservation(String resource, int delta) throws SQLException {
        String uuid = uuid();
        cinder.update(
                "INSERT INTO reservations (created_at, deleted, uuid, usage_id, project_id,"
                        + " resource, delta, expire) SELECT UTC_TIMESTAMP(), 0, ?, id, project_id,"
                        + " resource, ?, UTC_TIMESTAMP() + INTERVAL 1 DAY FROM quota_usages"
                        + " WHERE project_id = ? AND resource = ?",
                uuid,
                delta,
                PROJECT,
                resource);
        if (delta > 0) {
            cinder.update(
                    "UPDATE quota_usages SET reserved = reserved + ?"
                            + " WHERE project_id = ? AND resource = ?",
                    delta,
                    PROJECT,
                    resource);
        }
        return uuid;
    }

    /** Of the project: {@code volumes/gigabytes/snapshots}, and the same of the type. */
    public String usage() throws SQLException {
        return cinder.one(
                "SELECT GROUP_CONCAT(CONCAT(resource, '=', in_use, IF(reserved = 0, '',"
                        + " CONCAT('+', reserved))) ORDER BY id SEPARATOR ' ') FROM quota_usages"
                        + " WHERE project_id = ? AND deleted = 0",
                PROJECT);
    }

    public static String usage(int volumes, int gigabytes, int snapshots) {
        return ("volumes=%1$d gigabytes=%2$d snapshots=%3$d"
                        + " volumes_virtman=%1$d gigabytes_virtman=%2$d snapshots_virtman=%3$d")
                .formatted(volumes, gigabytes, snapshots);
    }

    private void use(String resource, int amount) throws SQLException {
        cinder.update(
                "UPDATE quota_usages SET in_use = in_use + ? WHERE project_id = ?"
                        + " AND resource IN (?, ?)",
                amount,
                PROJECT,
                resource,
                resource + "_virtman");
    }
}
