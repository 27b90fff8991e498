package io.virtman.bridge.config;

import java.net.URI;
import java.time.Duration;

/**
 * {@code [volt]}: the coordinator.
 *
 * @param url {@code url} of its REST interface
 * @param timeout {@code timeout} of a request to it or to a node, 1 s to 5 min
 */
public record VoltConnection(URI url, Duration timeout) {}
