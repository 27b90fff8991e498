package io.virtman.volt;

import io.virtman.problem.ProblemException;
import java.util.List;

/**
 * What Volt does for nodes and people, in process or over REST. Safe for use by many threads.
 *
 * <p>{@code image} is an id or a name throughout; results carry the id. All errors are {@link
 * ProblemException}: INVALID for a malformed argument, NOT_FOUND for an unknown image or node,
 * CONFLICT as said below, UNAVAILABLE when Volt or its database cannot be reached.
 */
public interface VoltApi {
    /**
     * Adds an image in state IMPORTING.
     *
     * @param name unique, see {@link io.virtman.problem.Names}
     * @param origin name of the node that imports and then serves it
     * @param format declared format of its source
     * @throws ProblemException CONFLICT when the name is taken
     */
    ImageRecord add(String name, String origin, String format);

    /**
     * Opens an image that is still IMPORTING to members: its origin vouches for what it sends until
     * it is sealed. Repeating it with the same size does nothing.
     *
     * @param size bytes of the disk, at least 1; it is sealed with this size or not at all
     * @throws ProblemException CONFLICT when it was given another size, or is sealed or failed
     */
    ImageRecord describe(String image, long size);

    /**
     * Makes an image complete. Repeating it with equal values does nothing.
     *
     * @param digest root of its hash tree, 64 hexadecimal digits
     * @param size bytes of the disk, at least 1
     * @throws ProblemException CONFLICT when it is sealed with other values or has failed
     */
    ImageRecord seal(String image, String digest, long size);

    /**
     * Says that an import failed. Repeating it with the same reason does nothing.
     *
     * @param reason for people; cut at 1000 characters
     * @throws ProblemException CONFLICT when it is sealed or failed for another reason
     */
    ImageRecord fail(String image, String reason);

    /**
     * Removes an image from the catalogue.
     *
     * @throws ProblemException CONFLICT while live nodes are members; it names them; UNAVAILABLE
     *     until members had the time to report after a restart of Volt
     */
    void remove(String image);

    /** The image with this id or name. */
    ImageRecord image(String image);

    /** All images by name. */
    List<ImageRecord> images();

    /** Who fetches an image from whom. */
    Hierarchy hierarchy(String image);

    /**
     * Makes a node a member and answers its final parents. Repeating it answers its present list.
     * For the image's origin it answers a list of level 0 without parents.
     *
     * @throws ProblemException UNAVAILABLE while the image is imported and not described, or its
     *     origin was never heard of; CONFLICT when the import failed
     */
    ParentList join(String image, NodeAddress node);

    /** Ends a membership; does nothing when there is none. */
    void leave(String image, String node);

    /** Takes a node's report. */
    HeartbeatAnswer heartbeat(Heartbeat report);

    /** All nodes ever heard of, by name. */
    List<NodeStatus> nodes();

    /**
     * Forgets a node for good and ends its memberships.
     *
     * @throws ProblemException CONFLICT while it is alive or the origin of an image
     */
    void forget(String node);

    /** Volt in numbers. */
    VoltStatus status();
}
