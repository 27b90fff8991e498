package io.virtman.cinder.database;

import java.util.Optional;

/**
 * What a volume or snapshot of Cinder's is to VirtMan, as {@link Layers} keeps it: no more than
 * Cinder's own rows can't say.
 *
 * @param id of Cinder's volume or snapshot
 * @param kind which of the two
 * @param source what it lies on: a {@link BridgeImage} or nothing
 * @param written whether a guest may have written into it. One that hasn't been is nothing but its
 *     source, and can be made on any host at once
 * @param homeHost where its data is, once it has been made on one
 * @param nodeName the name of its VM or layer on that host's node
 */
public record Layer(
        String id,
        Kind kind,
        Source source,
        boolean written,
        Optional<String> homeHost,
        Optional<String> nodeName) {
    /** Whose layer. */
    public enum Kind {
        VOLUME("volume"),
        SNAPSHOT("snapshot");

        final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * What a layer lies on.
     *
     * @param kind of what sort it is
     * @param id of the {@link BridgeImage}; empty for nothing
     */
    public record Source(SourceKind kind, Optional<String> id) {
        /** An empty layer. */
        public static final Source EMPTY = new Source(SourceKind.EMPTY, Optional.empty());

        /** Checks that there is an id where one belongs. */
        public Source {
            if (id.isEmpty() != (kind == SourceKind.EMPTY)) {
                throw new IllegalArgumentException(kind + " with id " + id);
            }
        }

        /** A layer on an image. */
        public static Source image(String id) {
            return new Source(SourceKind.IMAGE, Optional.of(id));
        }
    }

    /** Of what sort a source is. */
    public enum SourceKind {
        EMPTY("empty"),
        IMAGE("image");

        final String text;

        SourceKind(String text) {
            this.text = text;
        }
    }
}
