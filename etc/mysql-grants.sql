-- The account with which `virtman cinder` works in Cinder's database, and its own schema beside it.
-- Replace CHANGE-ME, and `cinder` or '%' where yours differ; then, as an administrator:
--
--     mariadb < etc/mysql-grants.sql
--
-- It may read and write what the bridge needs, by table and mostly by column, and nothing else: no
-- DROP, no other database, no passwords of transfers, no quota limits. It can be run again.
-- MySQL has no grants by row: within these columns the account reaches all backends' volumes.

CREATE USER IF NOT EXISTS 'virtman_cinder'@'%' IDENTIFIED BY 'CHANGE-ME';

-- Our own tables: requests, leases, layers. No DROP: nothing here ever loses a table.
CREATE DATABASE IF NOT EXISTS virtman DEFAULT CHARACTER SET utf8mb4;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON virtman.* TO 'virtman_cinder'@'%';

-- Which release's schema it is.
GRANT SELECT ON cinder.alembic_version TO 'virtman_cinder'@'%';

-- Our row among the services, and the others' versions: one that has none stops all of Cinder.
GRANT SELECT (id, uuid, host, `binary`, deleted, availability_zone, disabled, frozen, report_count,
        rpc_current_version, object_current_version, replication_status, updated_at),
    INSERT (created_at, updated_at, deleted, uuid, host, `binary`, topic, report_count, disabled,
        availability_zone, rpc_current_version, object_current_version, replication_status, frozen),
    UPDATE (updated_at, deleted, deleted_at, report_count, availability_zone, rpc_current_version,
        object_current_version, replication_status, cluster_name, frozen)
    ON cinder.services TO 'virtman_cinder'@'%';

-- What has begun and not ended.
GRANT SELECT, DELETE,
    INSERT (created_at, updated_at, deleted, resource_type, resource_id, status, service_id,
        race_preventer),
    UPDATE (updated_at, status, service_id, race_preventer)
    ON cinder.workers TO 'virtman_cinder'@'%';

-- Volumes: the API makes them, we bring them to their states and delete them.
GRANT SELECT,
    UPDATE (updated_at, deleted, deleted_at, size, status, attach_status, migration_status,
        previous_status, launched_at, provider_location, bootable, service_uuid, shared_targets)
    ON cinder.volumes TO 'virtman_cinder'@'%';
GRANT SELECT, UPDATE (deleted, deleted_at) ON cinder.volume_metadata TO 'virtman_cinder'@'%';
GRANT SELECT, UPDATE (deleted, deleted_at)
    ON cinder.volume_admin_metadata TO 'virtman_cinder'@'%';
GRANT SELECT, INSERT (created_at, deleted, volume_id, snapshot_id, `key`, value),
    UPDATE (deleted, deleted_at)
    ON cinder.volume_glance_metadata TO 'virtman_cinder'@'%';
GRANT SELECT (volume_id, deleted), UPDATE (deleted, deleted_at)
    ON cinder.transfers TO 'virtman_cinder'@'%';

-- Snapshots.
GRANT SELECT,
    UPDATE (updated_at, deleted, deleted_at, status, progress, provider_location,
        encryption_key_id)
    ON cinder.snapshots TO 'virtman_cinder'@'%';
GRANT SELECT, UPDATE (deleted, deleted_at) ON cinder.snapshot_metadata TO 'virtman_cinder'@'%';

-- Attachments.
GRANT SELECT,
    UPDATE (updated_at, deleted, deleted_at, attached_host, mountpoint, attach_time, attach_mode,
        attach_status, connector)
    ON cinder.volume_attachment TO 'virtman_cinder'@'%';

-- Types, to refuse what can't be done.
GRANT SELECT (id, name, qos_specs_id) ON cinder.volume_types TO 'virtman_cinder'@'%';
GRANT SELECT ON cinder.volume_type_extra_specs TO 'virtman_cinder'@'%';
GRANT SELECT ON cinder.quality_of_service_specs TO 'virtman_cinder'@'%';
GRANT SELECT (encryption_id, volume_type_id, deleted) ON cinder.encryption TO 'virtman_cinder'@'%';

-- Quota: what is deleted is given back, what the API has reserved is settled.
GRANT SELECT (id, project_id, resource, deleted, in_use, reserved),
    UPDATE (updated_at, in_use, reserved)
    ON cinder.quota_usages TO 'virtman_cinder'@'%';
GRANT SELECT (id, uuid, usage_id, delta, deleted), UPDATE (updated_at, deleted, deleted_at)
    ON cinder.reservations TO 'virtman_cinder'@'%';

-- Reasons of failures, for users; not to be read.
GRANT INSERT (id, project_id, request_id, resource_type, resource_uuid, event_id, message_level,
        created_at, deleted, expires_at, detail_id, action_id)
    ON cinder.messages TO 'virtman_cinder'@'%';
