-- Makes Cinder's schema of Zed into that of 2026.1, as its migrations tell: not made by running
-- 2026.1. After cinder/db/migrations/versions of OpenStack Cinder (Apache License 2.0):
-- daa98075b90d, 89aa6f9639f9, b8660621f1b9, 9ab1b092a404, b7b88f50aab5, 9c74c1c6971f.
CREATE INDEX groups_deleted_project_id_idx ON `groups` (deleted, project_id);
CREATE INDEX group_snapshots_deleted_project_id_idx ON group_snapshots (deleted, project_id);
CREATE INDEX volumes_deleted_project_id_idx ON volumes (deleted, project_id);
CREATE INDEX volumes_deleted_host_idx ON volumes (deleted, host);
CREATE INDEX backups_deleted_project_id_idx ON backups (deleted, project_id);
CREATE INDEX snapshots_deleted_project_id_idx ON snapshots (deleted, project_id);
DROP TABLE IF EXISTS migrate_version;
ALTER TABLE quotas MODIFY resource VARCHAR(300) NOT NULL;
ALTER TABLE quota_classes MODIFY resource VARCHAR(300);
ALTER TABLE reservations MODIFY resource VARCHAR(300);
ALTER TABLE volumes MODIFY use_quota TINYINT(1) NOT NULL DEFAULT 1;
ALTER TABLE snapshots MODIFY use_quota TINYINT(1) NOT NULL DEFAULT 1;
UPDATE quota_classes SET deleted = 1, deleted_at = UTC_TIMESTAMP()
    WHERE deleted = 0 AND resource = 'consistencygroups';
INSERT INTO quota_classes (created_at, class_name, resource, hard_limit, deleted)
    VALUES (UTC_TIMESTAMP(), 'default', 'backups', 10, 0),
    (UTC_TIMESTAMP(), 'default', 'backup_gigabytes', 1000, 0);
-- A database that began with a newer release never had these two.
ALTER TABLE reservations DROP FOREIGN KEY reservations_ibfk_2, DROP COLUMN allocated_id;
ALTER TABLE quotas DROP COLUMN allocated;
UPDATE alembic_version SET version_num = '9c74c1c6971f';
