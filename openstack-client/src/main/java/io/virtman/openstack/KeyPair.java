package io.virtman.openstack;

import org.jspecify.annotations.Nullable;

/**
 * A key pair of a user.
 *
 * @param name unique for the user
 * @param fingerprint of the public key; null where Nova has none
 */
public record KeyPair(String name, @Nullable String fingerprint) {}
