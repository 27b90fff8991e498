package io.virtman.app.export;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.block.Upstream;
import io.virtman.image.FileImageSource;
import io.virtman.image.HashTreeBuilder;
import io.virtman.image.HashTreeLayout;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A hash tree made here, because no parent has it; kept in folder {@code built-trees} of the work
 * directory. The file gets its name once the tree is complete and its root is the digest.
 */
final class BuiltTree implements Upstream, Closeable {
    private static final String FOLDER = "built-trees";

    private final Path file;
    private final FileImageSource pages;
    private final SealedImage image;
    private final long paddedSize;

    private BuiltTree(Path file, FileImageSource pages, SealedImage image) {
        this.file = file;
        this.pages = pages;
        this.image = image;
        this.paddedSize = new HashTreeLayout(image.size()).paddedSize();
    }

    /** What it is the tree of. */
    SealedImage image() {
        return image;
    }

    /** The tree made earlier. */
    static Optional<BuiltTree> find(WorkDirectory work, SealedImage image) throws IOException {
        Path file = file(work, image.digest());
        HashTreeLayout layout = new HashTreeLayout(image.size());
        if (!Files.isRegularFile(file) || Files.size(file) != layout.treeSize()) {
            return Optional.empty();
        }
        return Optional.of(new BuiltTree(file, FileImageSource.open(file), image));
    }

    /**
     * Reads the disk through and makes its tree.
     *
     * @return the digest of the disk; the tree can be found if it is the one wanted
     */
    static ImageDigest build(WorkDirectory work, ParentDisk disk, ImageDigest wanted)
            throws IOException {
        Path file = file(work, wanted);
        Files.createDirectories(work.path().resolve(FOLDER));
        Path partial = file.resolveSibling(wanted + ".partial");
        try {
            ImageDigest found;
            try (FileChannel channel =
                    FileChannel.open(
                            partial,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                found = HashTreeBuilder.build(disk, channel, _ -> {});
                channel.force(true);
            }
            if (found.equals(wanted)) {
                Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return found;
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static Path file(WorkDirectory work, ImageDigest digest) {
        return work.path().resolve(FOLDER).resolve(digest + ".tree");
    }

    @Override
    public void fetch(long offset, ByteBuffer target, Check check) throws IOException {
        ByteBuffer bytes = target.duplicate();
        pages.read(offset - paddedSize, bytes);
        bytes.position(target.position());
        if (!check.accepts(bytes)) {
            throw new IOException(
                    "the hash tree in " + file + " is damaged; remove it and start again");
        }
        target.position(target.limit());
    }

    @Override
    public void close() throws IOException {
        pages.close();
    }
}
