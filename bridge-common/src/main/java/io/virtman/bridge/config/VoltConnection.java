package io.virtman.bridge.config;

import java.net.URI;
import java.time.Duration;

/**
 * {@code [volt]}: the coordinator.
 *
 * @param url {@code url} of its REST interface
 * @param timeout {@code timeout} of a request to it, 1 s to 5 min; nodes have as long as the caller
 *     waits
 */
public record VoltConnection(URI url, Duration timeout) {}
