package io.virtman.cinder.cloud;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Glance. Calls block, for a bounded time. Errors are {@link io.virtman.problem.ProblemException}:
 * NOT_FOUND when there is no such image or the caller may not see it, UNAVAILABLE when Glance or
 * Keystone is away, FAILED when it answers nonsense. Safe for many threads.
 */
public interface ImageService {
    /**
     * An image.
     *
     * @param token the caller's, who must be allowed to use the image; null to ask as the bridge
     */
    SourceImage image(String id, @Nullable String token);

    /**
     * Removes an image that was to be filled, and isn't.
     *
     * @param token the caller's, who made it
     */
    void removeUnfilled(String id, String token);

    /** The headers with which the bridge's own account may fetch image data now; secret. */
    Credential credential();

    /**
     * Headers that are valid for some time.
     *
     * @param headers secret
     * @param number grows with each renewal
     */
    record Credential(Map<String, String> headers, long number) {
        /** Copies the map. */
        public Credential {
            headers = Map.copyOf(headers);
        }

        @Override
        public String toString() {
            return "credential " + number;
        }
    }

    /** What a hash was made with, and the hash. */
    record Hash(String algorithm, String hex) {}

    /** An image whose hash may be missing, as while it is queued. */
    static Optional<Hash> hash(@Nullable String algorithm, @Nullable String hex) {
        return algorithm == null || hex == null
                ? Optional.empty()
                : Optional.of(new Hash(algorithm, hex));
    }
}
