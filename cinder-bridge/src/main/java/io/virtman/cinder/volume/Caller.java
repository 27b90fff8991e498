package io.virtman.cinder.volume;

import org.jspecify.annotations.Nullable;

/**
 * On whose behalf something is done.
 *
 * @param projectId null for a service that acts for itself
 * @param requestId what OpenStack's logs are searched by
 * @param token the user's, secret; null when it isn't known any more
 */
public record Caller(
        @Nullable String projectId, @Nullable String requestId, @Nullable String token) {
    /** Nobody in particular. */
    public static final Caller NOBODY = new Caller(null, null, null);

    @Override
    public String toString() {
        return "[" + requestId + " of project " + projectId + "]";
    }
}
