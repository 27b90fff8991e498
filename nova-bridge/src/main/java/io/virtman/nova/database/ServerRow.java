package io.virtman.nova.database;

import io.virtman.nova.boot.BootServer;
import java.time.Instant;
import java.util.Optional;

/**
 * A server as it is kept.
 *
 * @param server what is decided by
 * @param phase what Nova was doing with it when it was last looked at
 * @param host where it is, as far as Nova says
 * @param fault why it failed
 * @param activeAt when it was first seen to run
 */
public record ServerRow(
        BootServer server,
        Optional<String> phase,
        Optional<String> host,
        Optional<String> fault,
        Optional<Instant> activeAt) {}
