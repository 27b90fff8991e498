package io.virtman.bridge.database;

/**
 * The right to do what one process alone may do, until somebody else takes it.
 *
 * @param tables where it is kept, see {@link Leases}
 * @param name what is led, e.g. the backend {@code host@backend}
 * @param holder the process; unique per start
 * @param epoch grows with each new holder
 */
public record Lease(String tables, String name, String holder, long epoch) {}
