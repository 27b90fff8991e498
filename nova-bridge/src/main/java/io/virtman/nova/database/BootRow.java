package io.virtman.nova.database;

import io.virtman.nova.boot.BootState;
import java.time.Instant;
import java.util.Optional;

/**
 * A boot as it is kept.
 *
 * @param id a UUID
 * @param projectId whose it is
 * @param userId who asked for it
 * @param idempotencyKey what its sender calls it; empty when it has no name
 * @param requestDigest of what was asked for, to know the same request again
 * @param request as JSON, without user data
 * @param userData encrypted; empty when there is none, or the boot is at its end
 * @param trustId by which the bridge acts for the user; empty when the boot is at its end
 * @param servers wanted
 * @param attempts servers that may be asked for in all
 * @param deleteOnFailure whether all go when not all can be had
 * @param state where it is
 * @param reason why there will be no more; empty while there may
 * @param version grows with each change
 * @param createdAt by the database's clock
 * @param expiresAt when it is given up
 * @param endedAt empty while it goes on
 */
public record BootRow(
        String id,
        String projectId,
        String userId,
        Optional<String> idempotencyKey,
        String requestDigest,
        String request,
        Optional<Secret> userData,
        Optional<String> trustId,
        int servers,
        int attempts,
        boolean deleteOnFailure,
        BootState state,
        Optional<String> reason,
        long version,
        Instant createdAt,
        Instant expiresAt,
        Optional<Instant> endedAt) {

    /**
     * Text that nobody shall see in a log, encrypted or not.
     *
     * @param base64 of what is encrypted
     */
    public record Secret(String base64) {
        @Override
        public String toString() {
            return base64.length() + " characters";
        }
    }
}
