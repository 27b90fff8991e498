package io.virtman.openstack;

import java.time.Instant;

/**
 * A token that is valid now.
 *
 * @param value for {@code X-Auth-Token}; a secret
 * @param expiresAt by Keystone's clock
 */
public record AccessToken(String value, Instant expiresAt) {
    /** Without the value. */
    @Override
    public String toString() {
        return "token until " + expiresAt;
    }
}
