package io.virtman.node;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.volt.ParentList;

/**
 * What the node remembers of an attached image, so that its guests are served after a restart even
 * while Volt is away.
 *
 * @param image id
 * @param name of the image
 * @param digest hexadecimal
 * @param size bytes of the disk
 * @param list the parents last heard of
 */
public record AttachmentRecord(
        String image, String name, String digest, long size, ParentList list) {
    SealedImage sealed() {
        return new SealedImage(new ImageDigest(digest), size);
    }

    AttachmentRecord with(ParentList newer) {
        return new AttachmentRecord(image, name, digest, size, newer);
    }
}
