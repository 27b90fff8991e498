package io.virtman.image;

import io.virtman.block.SealedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * The hidden directory an import works in, inside the image's directory. Closing it removes all
 * that was not published; what a crash leaves is removed by the next import.
 */
final class Workspace implements Closeable {
    private static final String NAME = ".importing";

    private final Path target;
    private final Path directory;
    private final boolean targetIsNew;
    private boolean published;

    private Workspace(Path target, boolean targetIsNew) {
        this.target = target;
        this.directory = target.resolve(NAME);
        this.targetIsNew = targetIsNew;
    }

    static Workspace create(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        boolean targetIsNew = !Files.exists(absolute);
        Files.createDirectories(absolute);
        Workspace workspace = new Workspace(absolute, targetIsNew);
        deleteAll(workspace.directory);
        Files.createDirectory(workspace.directory);
        // others may enter, not list: the program that converts runs as another user
        Files.setPosixFilePermissions(
                workspace.directory, PosixFilePermissions.fromString("rwx--x--x"));
        return workspace;
    }

    Path directory() {
        return directory;
    }

    /** Makes a file for our user alone, all hole. */
    Path createFile(String name, long size) throws IOException {
        Path file = directory.resolve(name);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var handle = new RandomAccessFile(file.toFile(), "rw")) {
            handle.setLength(size);
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.INVALID,
                    target.toString(),
                    "its file system cannot hold a disk of " + size + " bytes",
                    "use a file system for larger files, or a smaller image",
                    e);
        }
        return file;
    }

    /** Moves a file of the same file system in here. */
    Path take(Path from, String name) throws IOException {
        return Files.move(from, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Puts everything on stable storage and gives it its final names, the manifest last. */
    ImportedImage publish(SealedImage sealed) throws IOException {
        Path manifest = createFile(ImportedImage.MANIFEST, 0);
        Files.writeString(manifest, ImportedImage.manifest(sealed));
        for (String name : List.of(ImportedImage.RAW, ImportedImage.TREE)) {
            move(name);
        }
        sync(target);
        move(ImportedImage.MANIFEST);
        sync(target);
        ImportedImage image = ImportedImage.open(target);
        published = true;
        return image;
    }

    private void move(String name) throws IOException {
        Path file = directory.resolve(name);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(file, target.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        deleteAll(directory);
        if (!published) {
            for (String name :
                    List.of(ImportedImage.MANIFEST, ImportedImage.TREE, ImportedImage.RAW)) {
                Files.deleteIfExists(target.resolve(name));
            }
            if (targetIsNew) {
                Files.deleteIfExists(target);
            }
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
