-- The Nova bridge's own tables, in a schema that nobody else needs rights for.

-- Who carries boots out, and until when by this server's clock; see the Cinder bridge's.
CREATE TABLE lease (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    holder VARCHAR(255) NOT NULL,
    expires_at DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The epoch of the leader; every change of a boot that is carried out holds it in share mode.
CREATE TABLE fence (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What users have asked for, and how far it is. user_data is encrypted, and goes when the boot ends;
-- so does the trust. version grows with each change.
CREATE TABLE boot (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    project_id VARCHAR(64) NOT NULL,
    user_id VARCHAR(64) NOT NULL,
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
    request_digest VARCHAR(64) NOT NULL,
    request MEDIUMTEXT NOT NULL,
    user_data MEDIUMTEXT NULL,
    trust_id VARCHAR(64) NULL,
    servers INT NOT NULL,
    attempts INT NOT NULL,
    delete_on_failure BOOLEAN NOT NULL,
    state VARCHAR(16) NOT NULL,
    reason VARCHAR(1000) NULL,
    version BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    UNIQUE KEY boot_idempotency (project_id, idempotency_key),
    KEY boot_project (project_id, created_at),
    KEY boot_state (state)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Requests to Nova, each written before it is sent.
CREATE TABLE batch (
    boot_id VARCHAR(36) NOT NULL,
    number INT NOT NULL,
    size INT NOT NULL,
    state VARCHAR(16) NOT NULL,
    sent_at DATETIME(6) NOT NULL,
    PRIMARY KEY (boot_id, number)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Every server that was seen of a boot.
CREATE TABLE server (
    boot_id VARCHAR(36) NOT NULL,
    id VARCHAR(36) NOT NULL,
    batch INT NOT NULL,
    state VARCHAR(16) NOT NULL,
    phase VARCHAR(64) NULL,
    host VARCHAR(255) NULL,
    fault VARCHAR(1000) NULL,
    since DATETIME(6) NOT NULL,
    active_at DATETIME(6) NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (boot_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
