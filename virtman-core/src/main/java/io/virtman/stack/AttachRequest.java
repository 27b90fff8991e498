package io.virtman.stack;

import io.virtman.block.BlockSource;
import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stack needs to attach an image.
 *
 * @param id the image's id; names its path on the host
 * @param image digest and size, from the catalogue and never from a parent; the name of an image
 *     that is not sealed, see {@link SealedImage#unsealed}
 * @param sealed whether {@code image} has a digest
 * @param source the imported image when this node is its origin; then there are no parents
 * @param live the image as far as it is here, with the leaves of its tree, when this node is the
 *     origin of one that is not sealed; owned by the attachment
 * @param parents nearest first, the origin last
 * @param level of this node in the hierarchy; 0 for the origin
 */
public record AttachRequest(
        String id,
        SealedImage image,
        boolean sealed,
        @Nullable ImportedImage source,
        @Nullable BlockSource live,
        List<ParentHost> parents,
        int level) {
    public AttachRequest {
        parents = List.copyOf(parents);
        boolean origin = (sealed ? source : live) != null;
        if (origin != (level == 0)) {
            throw new IllegalArgumentException("level " + level + " with source " + source);
        }
    }

    /** For a sealed image. */
    public AttachRequest(
            String id,
            SealedImage image,
            @Nullable ImportedImage source,
            List<ParentHost> parents,
            int level) {
        this(id, image, true, source, null, parents, level);
    }
}
