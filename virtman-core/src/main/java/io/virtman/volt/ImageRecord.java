package io.virtman.volt;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One image of the catalogue.
 *
 * @param id a random UUID given at {@code add}; never reused
 * @param name unique in the catalogue
 * @param state see {@link ImageState}
 * @param size bytes of the disk; 0 until it is described or sealed
 * @param digest root of its hash tree, 64 hexadecimal digits; null until it is sealed
 * @param origin name of the node that owns its source
 * @param format declared format of the source, such as {@code raw} or {@code qcow2}
 * @param created when it was added, in whole milliseconds
 * @param failure why the import failed; null unless the state is FAILED
 */
public record ImageRecord(
        String id,
        String name,
        ImageState state,
        long size,
        @Nullable String digest,
        String origin,
        String format,
        Instant created,
        @Nullable String failure) {

    /** Whether nodes may become members: its content is known or vouched for by its origin. */
    public boolean joinable() {
        return state == ImageState.SEALED || (state == ImageState.IMPORTING && size > 0);
    }

    /** This image, described. */
    ImageRecord described(long newSize) {
        return new ImageRecord(
                id, name, ImageState.IMPORTING, newSize, null, origin, format, created, null);
    }

    /** This image, sealed. */
    ImageRecord sealed(String newDigest, long newSize) {
        return new ImageRecord(
                id, name, ImageState.SEALED, newSize, newDigest, origin, format, created, null);
    }

    /** This image, failed. */
    ImageRecord failed(String reason) {
        return new ImageRecord(
                id, name, ImageState.FAILED, size, null, origin, format, created, reason);
    }
}
