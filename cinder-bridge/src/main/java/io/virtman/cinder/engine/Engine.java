package io.virtman.cinder.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * VirtMan's nodes and Volt, as the bridge uses them. Each call blocks, for no longer than its
 * implementation's time limit, and may be repeated. Safe for many threads.
 *
 * <p>All errors are {@link io.virtman.problem.ProblemException}: NOT_FOUND for a host without a
 * node, an unknown disk or image; UNAVAILABLE when somebody is away; CONFLICT when the present
 * state forbids it; INVALID; FAILED when the host refused.
 */
public interface Engine {
    /** All nodes that were ever heard of. */
    List<EngineHost> hosts();

    /**
     * Makes a disk unless it is there, and offers it as a file.
     *
     * @param host name of the node
     * @param disk its name
     * @param image Volt's id of the image it lies on; null for an empty disk
     * @param bytes its size
     * @return the file's path on that host; always the same for a disk
     */
    String attach(String host, String disk, @Nullable String image, long bytes);

    /** Takes the file away; the disk stays. Does nothing when either isn't there. */
    void detach(String host, String disk);

    /** Deletes a disk; does nothing when it isn't there. */
    void discard(String host, String disk);

    /**
     * Deletes a disk that holds no data and that nobody uses; its node decides, so that not even a
     * caller whose knowledge is old loses data. Does nothing when it isn't there.
     *
     * @throws io.virtman.problem.ProblemException CONFLICT when it is offered or has been written
     */
    void discardUnwritten(String host, String disk);

    /** A disk; empty when the node has none of that name. */
    Optional<EngineDisk> disk(String host, String disk);

    /** All disks of a node. */
    List<EngineDisk> disks(String host);

    /**
     * Makes a disk that isn't offered larger.
     *
     * @param bytes the new size
     */
    void extend(String host, String disk, long bytes);

    /**
     * Makes an image of the present content of a disk that isn't offered; the node becomes its
     * origin. On return the disk may be used again; the image is not complete yet.
     *
     * @param name of the image, unique; repeating it with the same disk answers the same image
     */
    EngineImage snapshot(String host, String disk, String name);

    /**
     * Has a node import an image from a server, and offer it meanwhile. Repeating it answers the
     * same image.
     *
     * @param host the node that becomes its origin
     * @return an image whose size is known
     */
    EngineImage importRemote(String host, RemoteSource source);

    /**
     * Replaces the headers with which an origin asks the source's server.
     *
     * @param headers secret
     */
    void renewCredential(String host, String image, Map<String, String> headers);

    /** An image by Volt's id or its name; empty when there is none. */
    Optional<EngineImage> image(String idOrName);

    /**
     * Removes an image and its source; does nothing when it isn't there.
     *
     * @param host its origin
     */
    void removeImage(String host, String image);
}
