package io.virtman.image;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.command.QemuImg;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;

/**
 * Makes a sealed image of a file that nobody vouches for. It works on a private copy, so that later
 * changes of the source are of no consequence; a change while it copies fails the import. The
 * format is the declared one: a raw image is never looked into.
 *
 * <p>One import per directory at a time: the caller sees to it. The import runs in the calling
 * thread and ends early when that is interrupted.
 */
public final class ImageImporter {
    /**
     * A few bytes of a qcow2 file can claim any size; hashing its holes takes time all the same.
     */
    private static final long LARGEST_DISK = 1L << 46;

    private static final String QCOW2_COPY = "source.qcow2";

    private final QemuImg qemuImg;

    public ImageImporter(QemuImg qemuImg) {
        this.qemuImg = qemuImg;
    }

    /**
     * Imports an image into a directory, which is created if need be. When it fails, the directory
     * is as it was.
     *
     * @param source a regular file
     * @param directory where the image will be; see {@link ImportedImage#open}
     * @param progress told, now and then, how far the import is, in bytes from 0 to the size of the
     *     disk; half of it is copying, half hashing
     * @throws ProblemException NOT_FOUND or INVALID when the source cannot be an image, CONFLICT
     *     when the directory has an image, FAILED when the source changed, the disk is full or
     *     conversion fails
     * @throws InterruptedIOException when the calling thread is interrupted
     */
    public ImportedImage importImage(
            Path source, ImageFormat declared, Path directory, LongConsumer progress)
            throws IOException {
        String name = Printable.of(source.toString());
        requireFile(source, name);
        if (Files.exists(directory.resolve(ImportedImage.MANIFEST))) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    directory.toString(),
                    "holds an image already",
                    "remove that image first");
        }
        try (FileImageSource file = FileImageSource.open(source)) {
            if (file.size() == 0) {
                throw new ProblemException(
                        Kind.INVALID, name, "is empty", "name a file with an image in it");
            }
            return run(file, declared, directory, progress);
        } catch (IOException e) {
            throw ImportFailure.explain(e, name, directory);
        }
    }

    /**
     * Imports a file that is private already and whose content is vouched for: it is moved, not
     * copied. When it fails, the file is gone.
     *
     * @param file on the directory's file system, for our user alone; nobody writes to it
     * @param name how messages call the image
     */
    public ImportedImage adopt(
            Path file, String name, ImageFormat declared, Path directory, LongConsumer progress)
            throws IOException {
        try (Workspace workspace = Workspace.create(directory)) {
            try {
                Path raw =
                        switch (declared) {
                            case RAW -> workspace.take(file, ImportedImage.RAW);
                            case QCOW2 ->
                                    convertPrivate(
                                            workspace, workspace.take(file, QCOW2_COPY), name);
                        };
                return workspace.publish(hash(workspace, raw, progress));
            } catch (IOException e) {
                throw ImportFailure.explain(e, name, directory);
            }
        }
    }

    /** What converts, for those who read such files in other ways. */
    public QemuImg qemuImg() {
        return qemuImg;
    }

    private ImportedImage run(
            FileImageSource file, ImageFormat declared, Path directory, LongConsumer progress)
            throws IOException {
        String name = Printable.of(file.path().toString());
        try (Workspace workspace = Workspace.create(directory)) {
            try {
                Path raw =
                        switch (declared) {
                            case RAW -> copyRaw(workspace, file, progress);
                            case QCOW2 -> convert(workspace, file, name);
                        };
                return workspace.publish(hash(workspace, raw, progress));
            } catch (IOException e) {
                // now, while the space that is missing is still taken
                throw ImportFailure.explain(e, name, directory);
            }
        }
    }

    private static void requireFile(Path source, String name) {
        if (!Files.exists(source)) {
            throw new ProblemException(
                    Kind.NOT_FOUND, name, "does not exist", "name an existing image file");
        }
        if (!Files.isRegularFile(source)) {
            throw new ProblemException(
                    Kind.INVALID,
                    name,
                    "is not a regular file",
                    "copy its content into a file and name that");
        }
        if (!Files.isReadable(source)) {
            throw new ProblemException(
                    Kind.INVALID,
                    name,
                    "cannot be read",
                    "give the user VirtMan runs as permission to read it");
        }
    }

    private static void requireSize(String name, long size) {
        if (size > LARGEST_DISK) {
            throw new ProblemException(
                    Kind.INVALID,
                    name,
                    "is a disk of " + size + " bytes",
                    "make it at most " + LARGEST_DISK + " bytes (64 TiB)");
        }
    }

    private static Path copyRaw(Workspace workspace, FileImageSource file, LongConsumer progress)
            throws IOException {
        requireSize(Printable.of(file.path().toString()), file.size());
        Path raw = workspace.createFile(ImportedImage.RAW, file.size());
        pin(file, raw, copied -> progress.accept(copied / 2));
        return raw;
    }

    private Path convert(Workspace workspace, FileImageSource file, String name)
            throws IOException {
        Qcow2Inspector.inspect(name, file); // before the work of copying
        Path copy = workspace.createFile(QCOW2_COPY, file.size());
        pin(file, copy, _ -> {});
        return convertPrivate(workspace, copy, name);
    }

    private Path convertPrivate(Workspace workspace, Path copy, String name) throws IOException {
        long size;
        try (FileImageSource pinned = FileImageSource.open(copy)) {
            size = Qcow2Inspector.inspect(name, pinned);
        }
        requireSize(name, size);
        Path raw = workspace.createFile(ImportedImage.RAW, size);
        Qcow2Conversion.run(qemuImg, workspace.directory(), copy, raw, size, name);
        Files.delete(copy);
        return raw;
    }

    private static void pin(FileImageSource file, Path copy, LongConsumer progress)
            throws IOException {
        try (var channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            SparseCopy.copy(file, channel, progress);
        }
        try {
            file.requireUnchanged();
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.FAILED,
                    Printable.of(file.path().toString()),
                    "changed while it was imported",
                    "stop what writes to it, then import it again",
                    e);
        }
    }

    private static SealedImage hash(Workspace workspace, Path raw, LongConsumer progress)
            throws IOException {
        Path tree = workspace.createFile(ImportedImage.TREE, 0);
        try (FileImageSource data = FileImageSource.open(raw);
                var pages = FileChannel.open(tree, StandardOpenOption.WRITE)) {
            long size = data.size();
            ImageDigest digest =
                    HashTreeBuilder.build(
                            data, pages, hashed -> progress.accept((size + hashed) / 2));
            return new SealedImage(digest, size);
        }
    }
}
