package io.virtman.stack;

import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stack needs to attach an image.
 *
 * @param id the image's id; names its path on the host
 * @param image digest and size, from the catalogue and never from a parent
 * @param source the imported image when this node is its origin; then there are no parents
 * @param parents nearest first, the origin last
 * @param level of this node in the hierarchy; 0 for the origin
 */
public record AttachRequest(
        String id,
        SealedImage image,
        @Nullable ImportedImage source,
        List<ParentHost> parents,
        int level) {
    public AttachRequest {
        parents = List.copyOf(parents);
        if ((source == null) == (level == 0)) {
            throw new IllegalArgumentException("level " + level + " with source " + source);
        }
    }
}
