package io.virtman.volt;

import java.util.List;

/**
 * A picture of one image's hierarchy at one moment.
 *
 * @param image whose root is the image's origin
 * @param fanOut most children a member has
 * @param members in order of position
 */
public record Hierarchy(ImageRecord image, int fanOut, List<HierarchyMember> members) {
    public Hierarchy {
        members = List.copyOf(members);
    }
}
