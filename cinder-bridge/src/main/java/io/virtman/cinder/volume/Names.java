package io.virtman.cinder.volume;

import java.util.Optional;
import java.util.regex.Pattern;

/** How things of Cinder are called in VirtMan, and which ids are ids. */
public final class Names {
    private static final String VOLUME = "volume-";
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private Names() {}

    /** The disk of a volume. */
    public static String disk(String volumeId) {
        return VOLUME + volumeId;
    }

    /** Whose disk it is; empty when it is none of ours. */
    public static Optional<String> volumeOf(String disk) {
        return disk.startsWith(VOLUME) && isId(disk.substring(VOLUME.length()))
                ? Optional.of(disk.substring(VOLUME.length()))
                : Optional.empty();
    }

    /** An image of Glance's in Volt's catalogue. */
    public static String glanceImage(String glanceId) {
        return "glance-" + glanceId;
    }

    /** An image made of a volume, in Volt's catalogue. */
    public static String madeImage(String id) {
        return "cinder-" + id;
    }

    /** Whether it is a UUID as OpenStack writes them, and so safe in names and paths. */
    public static boolean isId(String text) {
        return UUID.matcher(text).matches();
    }
}
