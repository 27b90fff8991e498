package io.virtman.volt;

import io.virtman.problem.ProblemException;
import java.util.Collection;
import java.util.List;

/**
 * What Volt must not forget. Each method is atomic and durable on return, and ends within the
 * store's time-outs. Safe for use by many threads.
 *
 * <p>All methods throw {@link ProblemException} UNAVAILABLE when the database cannot be reached;
 * whether a change was made is then unknown.
 */
public interface CatalogueStore extends AutoCloseable {
    /** Counts up the term and returns it, 1 or more. */
    long nextTerm();

    /** All images. */
    List<ImageRecord> images();

    /** Adds an image; false when its id or name is taken. */
    boolean insert(ImageRecord image);

    /** Replaces an image that is IMPORTING by a later record; false when there is no such one. */
    boolean finish(ImageRecord image);

    /** Removes an image; nothing happens when it is not there. */
    void deleteImage(String id);

    /** All nodes. */
    List<NodeAddress> nodes();

    /** Adds nodes or replaces their addresses. */
    void saveNodes(Collection<NodeAddress> nodes);

    /** Removes a node; nothing happens when it is not there. */
    void deleteNode(String name);

    @Override
    void close();
}
