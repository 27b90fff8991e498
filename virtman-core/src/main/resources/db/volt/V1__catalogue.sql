-- What Volt must not forget. Valid on H2, MariaDB and MySQL; what stands in /*! */ only the latter
-- two read: there, text would otherwise compare without regard to case.
-- Times are milliseconds since 1970-01-01T00:00Z.
CREATE TABLE image (
    id VARCHAR(36) /*! CHARACTER SET ascii COLLATE ascii_bin */ NOT NULL PRIMARY KEY,
    name VARCHAR(64) /*! CHARACTER SET ascii COLLATE ascii_bin */ NOT NULL,
    state VARCHAR(16) NOT NULL,
    size BIGINT NOT NULL,
    digest VARCHAR(64),
    origin VARCHAR(64) NOT NULL,
    format VARCHAR(64) NOT NULL,
    created BIGINT NOT NULL,
    failure VARCHAR(1000) /*! CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */,
    CONSTRAINT image_name UNIQUE (name)
);

CREATE TABLE node (
    name VARCHAR(64) /*! CHARACTER SET ascii COLLATE ascii_bin */ NOT NULL PRIMARY KEY,
    rest VARCHAR(255) NOT NULL,
    peer VARCHAR(255) NOT NULL
);

CREATE TABLE term (
    id INT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);

INSERT INTO term (id, number) VALUES (1, 0);
