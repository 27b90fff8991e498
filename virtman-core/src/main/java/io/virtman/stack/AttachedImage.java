package io.virtman.stack;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * An image attached on this host: guests' layers and children read through it. Safe for many
 * threads.
 */
public interface AttachedImage extends Closeable {
    /** The request's id. */
    String id();

    /** Puts another list of parents in force without disturbing readers. */
    void update(List<ParentHost> parents, int level);

    /** What happened so far. */
    ImageTraffic traffic();

    /** What one VM has read of the image since this service began. */
    ReadFootprint.Size footprint(String vm);

    /** Each parent's state in list order, for people. */
    Map<String, String> parentStates();

    /** Detaches it: its path ends, children are sent elsewhere. Cached chunks stay. */
    @Override
    void close() throws IOException;
}
