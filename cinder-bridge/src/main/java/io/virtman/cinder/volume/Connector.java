package io.virtman.cinder.volume;

import org.jspecify.annotations.Nullable;

/**
 * What a host says of itself when it wants a volume. Nothing but the name is believed, and that
 * only as far as it is verified.
 *
 * @param host Nova's name of it
 * @param mountpoint where the guest sees the volume; null when unknown
 * @param mode {@code rw} or {@code ro}; null when it doesn't say
 * @param json the whole of it, as Cinder keeps it
 */
public record Connector(
        String host, @Nullable String mountpoint, @Nullable String mode, String json) {}
