package io.virtman.cinder.database;

import java.util.Optional;

/**
 * An image that volumes lie on, as {@link BridgeImages} keeps it.
 *
 * @param id the bridge's own id of it
 * @param glanceId of Glance's image; empty for one made of the content of a volume
 * @param voltId its id in Volt's catalogue; empty until it is registered
 * @param origin the node that owns its source; empty until it is registered
 * @param state how far it is
 * @param bytes of the disk; empty while unknown
 * @param failure why it failed, for people
 */
public record BridgeImage(
        String id,
        Optional<String> glanceId,
        Optional<String> voltId,
        Optional<String> origin,
        State state,
        Optional<Long> bytes,
        Optional<String> failure) {

    /** How far an image is. */
    public enum State {
        /** Known to the bridge alone. */
        NEW("new"),
        /** Its origin imports it; usable if it is Glance's. */
        IMPORTING("importing"),
        /** Complete and verified. */
        READY("ready"),
        /** It can't be used any more. */
        FAILED("failed");

        final String text;

        State(String text) {
            this.text = text;
        }
    }
}
