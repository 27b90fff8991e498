package io.virtman.volt;

import java.util.List;

/**
 * A member's place in the hierarchy of one image, and whom it fetches from.
 *
 * <p>Lists of one image are ordered by epoch, also across restarts of Volt: a member ignores a list
 * whose epoch is lower than the one it has, since answers and pushes may overtake each other.
 *
 * @param image id of the image
 * @param term number of Volt's run that made the list; grows with each start
 * @param epoch when the list last changed, in a count kept for each image; never lower in a later
 *     term
 * @param position place in heap order from 0; -1 for the origin
 * @param level distance from the origin: 1 or more for a member, 0 for the origin itself
 * @param parents nearest first; the last entry is the origin (level 0); empty for the origin
 */
public record ParentList(
        String image, long term, long epoch, int position, int level, List<ParentEntry> parents) {
    public ParentList {
        parents = List.copyOf(parents);
    }
}
