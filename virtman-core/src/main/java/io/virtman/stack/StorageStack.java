package io.virtman.stack;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a host realises attach, cache, serving children and layers. The node service decides what; a
 * stack knows how. Every call may be repeated after a crash in the middle of it. Safe for many
 * threads.
 */
public interface StorageStack extends Closeable {
    /**
     * Attaches an image; on return layers may be made on it and children may read it. At most once
     * per id.
     */
    AttachedImage attach(AttachRequest request) throws IOException;

    /**
     * Makes a VM's private layer on an attached image, or leaves the one that is there alone.
     *
     * @param size bytes of the VM's disk, at least the image's
     * @return the path a guest is started with
     */
    Path createLayer(String vm, AttachedImage image, long size) throws IOException;

    /**
     * Makes a VM's private layer without an image, or leaves the one that is there alone.
     *
     * @param size bytes of the VM's disk, all zeroes
     * @return the path a guest is started with
     */
    Path createEmptyLayer(String vm, long size) throws IOException;

    /**
     * Makes the disk of a layer that nobody uses larger; what is new reads as zeroes.
     *
     * @param size bytes of the VM's disk, no less than before
     */
    void extendLayer(String vm, long size) throws IOException;

    /**
     * Whether anybody may have written to a layer that nobody uses now; true of one that is
     * missing, since it may be on a file system that is not mounted.
     */
    boolean written(String vm) throws IOException;

    /**
     * Copies a layer that nobody uses into a new file, durably; holes stay holes. It takes as long
     * as what was written to the layer takes.
     */
    void copyLayer(String vm, Path copy) throws IOException;

    /**
     * Writes the whole content of a copied layer into a raw file.
     *
     * @param image what the layer was made on; null for one made empty. Attached until this returns
     * @param raw a file of the disk's size, all hole; not synced
     * @throws IOException also when the thread is interrupted, which ends it at once
     */
    void flattenLayer(Path copy, @Nullable AttachedImage image, Path raw) throws IOException;

    /** The file system that layers are on. */
    LayerSpace layerSpace();

    /** The path {@link #createLayer} gave or would give. */
    Path layer(String vm);

    /** Deletes a VM's layer; does nothing when there is none. */
    void destroyLayer(String vm) throws IOException;

    /** Bytes sent to children at the sockets, all images. */
    long peerBytesOut();

    /** The host's cache in numbers. */
    CacheUsage cache();

    /** Stops serving; what is on disk stays. */
    @Override
    void close() throws IOException;
}
