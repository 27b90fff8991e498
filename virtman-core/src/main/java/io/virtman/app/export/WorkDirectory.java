package io.virtman.app.export;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Where an export keeps its files: the operator's directory, which stays, or a temporary one, which
 * {@link #close} removes. Temporary ones are made in {@code $TMPDIR} or {@code /var/tmp}, since
 * {@code /tmp} is memory on many systems.
 */
public final class WorkDirectory implements Closeable {
    private static final String LARGE_TEMPORARY_FILES = "/var/tmp";

    private final Path path;
    private final boolean temporary;

    private WorkDirectory(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    /**
     * Makes it when it is missing.
     *
     * @param kept the operator's directory, or null for a temporary one
     * @throws ProblemException when it can't be made or written
     */
    public static WorkDirectory open(@Nullable Path kept) {
        if (kept == null) {
            return temporary();
        }
        Path directory = kept.toAbsolutePath();
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, ".writable", ""));
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.FAILED,
                    "--cache",
                    directory + " can't be written (" + e.getClass().getSimpleName() + ")",
                    "give a directory that this user can write",
                    e);
        }
        return new WorkDirectory(directory, false);
    }

    private static WorkDirectory temporary() {
        @Nullable String chosen = System.getenv("TMPDIR");
        Path parent = Path.of(chosen == null || chosen.isEmpty() ? LARGE_TEMPORARY_FILES : chosen);
        try {
            Path made = Files.createTempDirectory(parent, "virtman-export-").toAbsolutePath();
            // others may enter, not list: the program that converts images runs as another user
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x--x"));
            return new WorkDirectory(made, true);
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.FAILED,
                    "temporary directory",
                    "none can be made in " + parent,
                    "set TMPDIR to a directory that this user can write, or add --cache DIR",
                    e);
        }
    }

    /** Absolute. */
    public Path path() {
        return path;
    }

    /** Removes a temporary directory with all it holds. */
    @Override
    public void close() throws IOException {
        if (temporary) {
            delete(path);
        }
    }

    /** Removes a directory and all in it; symbolic links are not followed. */
    static void delete(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path entry, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.delete(entry);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
