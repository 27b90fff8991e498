package io.virtman.nova.boot;

import org.jspecify.annotations.Nullable;

/**
 * A server as Nova has it.
 *
 * @param id Nova's
 * @param batch the number in its metadata
 * @param status of Nova's API: {@code BUILD}, {@code ACTIVE}, {@code ERROR} and so on
 * @param phase what Nova is doing with it ({@code task_state}): {@code scheduling}, {@code
 *     block_device_mapping}, {@code spawning}; null when nothing
 * @param host where it is; null before it is anywhere, or when Nova doesn't say
 * @param fault why it failed; null when it hasn't
 */
public record SeenServer(
        String id,
        int batch,
        String status,
        @Nullable String phase,
        @Nullable String host,
        @Nullable String fault) {}
