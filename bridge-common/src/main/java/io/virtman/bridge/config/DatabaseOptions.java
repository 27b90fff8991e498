package io.virtman.bridge.config;

import java.util.Objects;

/**
 * {@code [database]}: where Cinder's database is, and the account the bridge has there.
 *
 * @param server {@code HOST:PORT}, an IPv6 address in brackets
 * @param schema the name of Cinder's database, letters, digits and _
 * @param user made by {@code etc/mysql-grants.sql}
 * @param password of that account
 * @param poolSize {@code max_pool_size}: connections for work, 1 to 64; one more is kept for the
 *     lease
 */
public record DatabaseOptions(
        String server, String schema, String user, String password, int poolSize) {
    /** Checks that nothing is missing. */
    public DatabaseOptions {
        Objects.requireNonNull(password);
        if (server.isEmpty() || schema.isEmpty() || user.isEmpty()) {
            throw new IllegalArgumentException("server, schema or user is empty");
        }
        if (poolSize < 1 || poolSize > 64) {
            throw new IllegalArgumentException("pool size: 1 to 64");
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return user + "@" + server + "/" + schema;
    }
}
