package io.virtman.volt;

import io.virtman.problem.Names;
import java.util.Map;

/**
 * What a node says about one image it is attached to.
 *
 * @param image id of the image
 * @param epoch of the newest parent list it has; 0 when it has none
 * @param position of that list
 * @param bytesInByParent payload bytes fetched since the attachment began, by name of the parent
 * @param bytesOut payload bytes served to children since then
 * @param cachedBytes bytes of the image in its cache now
 * @param unsealed whether it has not heard yet how the image's import ended
 */
public record AttachmentReport(
        String image,
        long epoch,
        int position,
        Map<String, Long> bytesInByParent,
        long bytesOut,
        long cachedBytes,
        boolean unsealed) {
    /**
     * Checks the names, which are shown to people.
     *
     * @throws io.virtman.problem.ProblemException INVALID, naming the field
     */
    public AttachmentReport {
        Names.require("image", image);
        bytesInByParent.keySet().forEach(name -> Names.require("bytesInByParent", name));
        bytesInByParent = Map.copyOf(bytesInByParent);
    }

    /** About a sealed image. */
    public AttachmentReport(
            String image,
            long epoch,
            int position,
            Map<String, Long> bytesInByParent,
            long bytesOut,
            long cachedBytes) {
        this(image, epoch, position, bytesInByParent, bytesOut, cachedBytes, false);
    }
}
