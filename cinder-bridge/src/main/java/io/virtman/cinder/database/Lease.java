package io.virtman.cinder.database;

/**
 * The right to change Cinder's rows, until somebody else takes it.
 *
 * @param name what is led: the backend, {@code host@backend}
 * @param holder the process; unique per start
 * @param epoch grows with each new holder
 */
public record Lease(String name, String holder, long epoch) {}
