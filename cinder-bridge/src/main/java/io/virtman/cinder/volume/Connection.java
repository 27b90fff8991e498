package io.virtman.cinder.volume;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a host reaches a volume: a file.
 *
 * @param path of the file on the host
 * @param mode {@code rw} or {@code ro}
 * @param attachmentId null for an old-style connection
 * @param frontEndSpecs limits for Nova to keep; empty when there are none
 */
public record Connection(
        String path,
        String mode,
        @Nullable String attachmentId,
        Optional<Map<String, String>> frontEndSpecs) {}
