package io.virtman.cinder.engine;

import java.util.Optional;

/**
 * An image of Volt's catalogue.
 *
 * @param id Volt's
 * @param name unique
 * @param origin the node that owns its source
 * @param state how far it is
 * @param bytes of the disk; 0 while unknown
 * @param failure why it failed, for people
 */
public record EngineImage(
        String id, String name, String origin, State state, long bytes, Optional<String> failure) {
    /** How far an image is. */
    public enum State {
        IMPORTING,
        SEALED,
        FAILED
    }
}
