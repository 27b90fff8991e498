package io.virtman.cinder.volume;

import java.time.Duration;
import java.util.List;

/**
 * How the bridge is to behave.
 *
 * @param verifyInstanceHost whether Nova is asked that an instance is where its attachment says
 * @param importPolicy when a volume of an image is available
 * @param importRate bytes a second of the import of an image, at most
 * @param importNodes nodes that may become origins of images; empty for any
 * @param lockLimit how long a request may wait for another one that registers the same image
 * @param imageLimit how long the import of an image, or a snapshot, may take
 */
public record VolumeSettings(
        boolean verifyInstanceHost,
        ImportPolicy importPolicy,
        long importRate,
        List<String> importNodes,
        Duration lockLimit,
        Duration imageLimit) {
    /** Copies the list. */
    public VolumeSettings {
        importNodes = List.copyOf(importNodes);
    }

    /** When a volume of an image is available. */
    public enum ImportPolicy {
        /** At once: the image is read from Glance as it is needed. */
        LAZY,
        /** When the whole image is here and its hash is right, as in Cinder. */
        BEFORE_AVAILABLE
    }
}
