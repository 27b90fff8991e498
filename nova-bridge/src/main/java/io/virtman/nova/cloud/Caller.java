package io.virtman.nova.cloud;

import java.util.Set;

/**
 * Who sends a request, by Keystone's word.
 *
 * @param userId of Keystone
 * @param projectId of the project that the token is for
 * @param roles names of the roles in it
 */
public record Caller(String userId, String projectId, Set<String> roles) {
    /** Copies the set. */
    public Caller {
        roles = Set.copyOf(roles);
    }
}
