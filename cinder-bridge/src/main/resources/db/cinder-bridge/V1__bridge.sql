-- The bridge's own tables, in the schema virtman on Cinder's server, so that one transaction covers
-- both. Their names start with bridge_ because Volt may keep its tables in the same schema.

-- Who leads, and until when by this server's clock.
CREATE TABLE bridge_lease (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    holder VARCHAR(255) NOT NULL,
    expires_at DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The epoch of the leader; every change of Cinder's rows holds it in share mode.
CREATE TABLE bridge_fence (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Requests that have been taken from the queue: written before the acknowledgement, so that none is
-- lost with the process, and kept for a while when done, so that none is done twice.
CREATE TABLE bridge_request (
    unique_id VARCHAR(64) NOT NULL PRIMARY KEY,
    backend VARCHAR(255) NOT NULL,
    method VARCHAR(64) NOT NULL,
    payload MEDIUMTEXT NOT NULL,
    state VARCHAR(8) NOT NULL,
    received_at DATETIME(6) NOT NULL,
    KEY bridge_request_pending (backend, state, received_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What Cinder's tables have no room for: where the layer of a volume or snapshot is, whether a
-- guest may have written into it, and what it lies on.
CREATE TABLE bridge_layer (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    kind VARCHAR(8) NOT NULL,
    source_kind VARCHAR(8) NOT NULL,
    source_id VARCHAR(36) NULL,
    state VARCHAR(16) NOT NULL,
    home_host VARCHAR(255) NULL,
    node_name VARCHAR(255) NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    KEY bridge_layer_source (source_kind, source_id),
    KEY bridge_layer_home_host (home_host)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The images that layers lie on: those of Glance, and those made of the content of a volume.
CREATE TABLE bridge_image (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    glance_id VARCHAR(36) NULL,
    volt_id VARCHAR(36) NULL,
    origin VARCHAR(255) NULL,
    state VARCHAR(16) NOT NULL,
    bytes BIGINT NULL,
    failure VARCHAR(1000) NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    UNIQUE KEY bridge_image_glance_id (glance_id),
    KEY bridge_image_state (state)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
