package io.virtman.app.export;

import io.virtman.block.ImageDigest;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImg;
import io.virtman.image.HashTree;
import io.virtman.image.ImageFormat;
import io.virtman.image.ImageImporter;
import io.virtman.image.ImportedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Imported images in folder {@code imports} of a work directory. One made of a file that has not
 * changed since is used again; those of what the file was before are removed.
 */
final class ImportStore {
    private static final Logger LOGGER = System.getLogger(ImportStore.class.getName());
    private static final int NAME_PART = 16;

    private ImportStore() {}

    /**
     * The image of a qcow2 file.
     *
     * @param resources gets the lock that keeps other processes from the folder
     * @throws ProblemException when the file can't be imported, or another process uses the folder
     */
    static ImportedImage get(WorkDirectory work, Path file, Resources resources)
            throws IOException {
        Path imports = Files.createDirectories(work.path().resolve("imports"));
        lock(imports, resources);
        if (!Files.isRegularFile(file)) {
            return create(file, imports.resolve("none")); // which says what is wrong with it
        }
        String source = hash(file.toRealPath().toString());
        Path directory = imports.resolve(source + "-" + hash(identity(file)));
        removeOthers(imports, source, directory);
        if (Files.isDirectory(directory)) {
            try {
                return ImportedImage.open(directory);
            } catch (ProblemException e) {
                LOGGER.log(Level.DEBUG, "imported again", e);
                WorkDirectory.delete(directory);
            }
        }
        return create(file, directory);
    }

    private static ImportedImage create(Path file, Path directory) throws IOException {
        LOGGER.log(Level.INFO, "importing {0}", file);
        return new ImageImporter(new QemuImg(new ProcessCommandRunner()))
                .importImage(file, ImageFormat.QCOW2, directory, _ -> {});
    }

    private static void lock(Path imports, Resources resources) throws IOException {
        FileChannel file =
                resources.add(
                        FileChannel.open(
                                imports.resolve("lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE));
        boolean locked;
        try {
            locked = file.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            locked = false;
        }
        if (!locked) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "--cache",
                    imports + " is in use by another process",
                    "stop that process or give another directory");
        }
    }

    private static void removeOthers(Path imports, String source, Path kept) throws IOException {
        List<Path> others;
        try (Stream<Path> entries = Files.list(imports)) {
            others =
                    entries.filter(entry -> !entry.equals(kept))
                            .filter(entry -> entry.getFileName().toString().startsWith(source))
                            .toList();
        }
        for (Path other : others) {
            WorkDirectory.delete(other);
        }
    }

    /** Moves with every write and every replacement. */
    private static String identity(Path file) throws IOException {
        return new TreeMap<>(Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime"))
                .toString();
    }

    private static String hash(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer block = ByteBuffer.wrap(Arrays.copyOf(bytes, Math.min(bytes.length, 4096)));
        return ImageDigest.of(HashTree.hash(block)).hex().substring(0, NAME_PART);
    }
}
