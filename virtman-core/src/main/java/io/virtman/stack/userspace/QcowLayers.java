package io.virtman.stack.userspace;

import io.virtman.block.Extent;
import io.virtman.block.PrivateFiles;
import io.virtman.command.QemuImgCreate;
import io.virtman.image.FileImageSource;
import io.virtman.stack.LayerSpace;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Private layers of VMs as qcow2 files. The backing reference is the JSON form of QEMU's NBD
 * driver: unlike a plain URI it reconnects, so a guest waits through a restart of the node service
 * and goes on.
 */
final class QcowLayers {
    /** How long QEMU holds guests' requests while the node service is away, in seconds. */
    static final int RECONNECT_DELAY = 3600;

    /** How long QEMU tries to open the backing export when it starts, in seconds. */
    static final int OPEN_TIMEOUT = 120;

    /** Processes that make layers at a time: more only take the processors from each other. */
    private static final int AT_A_TIME =
            2 * Math.max(2, Runtime.getRuntime().availableProcessors());

    private final Semaphore turns = new Semaphore(AT_A_TIME);
    private final LayerTemplates templates = new LayerTemplates();
    private final Path directory;
    private final QemuImgCreate qemuImg;

    QcowLayers(Path directory, QemuImgCreate qemuImg) {
        this.directory = directory;
        this.qemuImg = qemuImg;
    }

    Path path(String vm) {
        return directory.resolve(vm + ".qcow2");
    }

    /** Makes a file over what is to become a layer. */
    private interface Maker {
        void make(Path file) throws IOException;
    }

    /** Makes the layer unless it exists; a file of this name is always a whole layer. */
    Path create(String vm, Path socket, long size) throws IOException {
        var kind = new LayerTemplates.Key(socket, size, vm.length());
        return create(
                vm,
                file -> {
                    if (!templates.make(kind, file, vm)) {
                        byProcess(() -> qemuImg.layer(file, backing(socket, vm), size));
                        templates.learn(kind, file, vm);
                    }
                });
    }

    /** Makes a layer without an image unless it exists. */
    Path createEmpty(String vm, long size) throws IOException {
        return create(vm, file -> byProcess(() -> qemuImg.empty(file, size)));
    }

    private Path create(String vm, Maker maker) throws IOException {
        Path layer = path(vm);
        if (Files.exists(layer)) {
            return layer;
        }
        Path half = directory.resolve("." + vm + ".new");
        Files.deleteIfExists(half);
        maker.make(half);
        PrivateFiles.close(half);
        sync(half); // or a power cut could leave the name without the content
        Files.move(half, layer, StandardCopyOption.ATOMIC_MOVE);
        return layer;
    }

    /** A program that makes a file. */
    private interface Run {
        void run() throws IOException;
    }

    private void byProcess(Run program) throws IOException {
        try {
            turns.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before a layer was made");
        }
        try {
            program.run();
        } finally {
            turns.release();
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.force(true);
        }
    }

    /** Makes the disk of a layer that nobody has open larger. */
    void extend(String vm, long size) throws IOException {
        qemuImg.extend(path(vm), size);
        sync(path(vm));
    }

    /** Whether a layer that nobody has open has data of its own. */
    boolean written(String vm) throws IOException {
        return QcowContent.possible(path(vm));
    }

    /** Copies a layer that nobody has open, durably. */
    void copy(String vm, Path copy) throws IOException {
        try (FileImageSource extents = FileImageSource.open(path(vm));
                FileChannel from = FileChannel.open(path(vm), StandardOpenOption.READ);
                FileChannel to =
                        PrivateFiles.open(
                                copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = extents.size();
            for (long at = 0; at < size; ) {
                Extent extent = extents.extent(at, size - at);
                while (!extent.hole() && at < extent.end()) {
                    // within the kernel, or within the file system where that can share blocks
                    long count = from.transferTo(at, extent.end() - at, to.position(at));
                    if (count <= 0) {
                        throw new EOFException(path(vm) + " ends at " + at);
                    }
                    at += count;
                }
                at = extent.end();
            }
            if (to.size() < size) {
                to.write(ByteBuffer.allocate(1), size - 1);
            }
            to.force(true);
        }
    }

    /** Writes what a copied layer reads as into a raw file. */
    void flatten(Path copy, @Nullable Path socket, Path raw) throws IOException {
        qemuImg.flatten(copy, socket == null ? null : backing(socket, "", 0), raw);
    }

    LayerSpace space() {
        return new LayerSpace(
                directory.toFile().getTotalSpace(), directory.toFile().getUsableSpace());
    }

    void destroy(String vm) throws IOException {
        Files.deleteIfExists(path(vm));
        Files.deleteIfExists(directory.resolve("." + vm + ".new"));
    }

    /**
     * The node's own names need no escaping in JSON; a socket's path comes from configuration and
     * does.
     */
    static String backing(Path socket, String export) {
        return backing(socket, export, RECONNECT_DELAY);
    }

    private static String backing(Path socket, String export, int reconnectDelay) {
        return "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"nbd\",\"server\":{\"type\":\"unix\",\"path\":\""
                + escape(socket.toAbsolutePath().toString())
                + "\"},\"export\":\""
                + export
                + "\",\"reconnect-delay\":"
                + reconnectDelay
                + ",\"open-timeout\":"
                + OPEN_TIMEOUT
                + "}}";
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
