package io.virtman.nova.boot;

import java.util.Locale;

/**
 * What the root volumes are made of.
 *
 * @param kind of the id
 * @param id of Cinder or Glance, a UUID
 */
public record Source(Kind kind, String id) {
    /** Where the id is known. */
    public enum Kind {
        /** A snapshot of Cinder: each server gets a volume made of it. */
        SNAPSHOT,
        /** An image of Glance: each server gets a volume made of it. */
        IMAGE,
        /** A volume, which is left alone: each server gets a volume of a snapshot of it. */
        VOLUME;

        /** As in requests: small letters. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** {@code kind:id}. */
    @Override
    public String toString() {
        return kind.text() + ":" + id;
    }
}
