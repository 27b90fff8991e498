package io.virtman.cinder.volume;

import org.jspecify.annotations.Nullable;

/**
 * A request that came by cast.
 *
 * @param uniqueId under which it is in the journal; null when it isn't
 * @param caller on whose behalf
 */
public record Request(@Nullable String uniqueId, Caller caller) {}
