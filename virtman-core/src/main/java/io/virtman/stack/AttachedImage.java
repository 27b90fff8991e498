package io.virtman.stack;

import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image attached on this host: guests' layers and children read through it. Safe for many
 * threads.
 */
public interface AttachedImage extends Closeable {
    /** The request's id. */
    String id();

    /** Puts another list of parents in force without disturbing readers. */
    void update(List<ParentHost> parents, int level);

    /**
     * Goes on with the digest of an image that was attached before it was sealed. Readers notice
     * nothing. Does nothing when it is sealed.
     *
     * @param source the imported image when this node is its origin
     */
    void seal(SealedImage sealed, @Nullable ImportedImage source) throws IOException;

    /** Fails all reads from now on: what its origin vouched for proved wrong. */
    void fail(String reason);

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
