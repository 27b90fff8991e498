package io.virtman.node;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.volt.ParentList;
import org.jspecify.annotations.Nullable;

/**
 * What the node remembers of an attached image, so that its guests are served after a restart even
 * while Volt is away.
 *
 * @param image id
 * @param name of the image
 * @param digest hexadecimal; null while the image is not sealed as far as this node knows
 * @param size bytes of the disk
 * @param list the parents last heard of
 */
public record AttachmentRecord(
        String image, String name, @Nullable String digest, long size, ParentList list) {
    boolean isSealed() {
        return digest != null;
    }

    /** What its content is called, see {@link SealedImage#unsealed}. */
    SealedImage content() {
        return digest == null
                ? SealedImage.unsealed(image, size)
                : new SealedImage(new ImageDigest(digest), size);
    }

    AttachmentRecord sealed(SealedImage sealed) {
        return new AttachmentRecord(image, name, sealed.digest().hex(), sealed.size(), list);
    }

    AttachmentRecord with(ParentList newer) {
        return new AttachmentRecord(image, name, digest, size, newer);
    }
}
