package io.virtman.cache;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right of one user to a directory, among all processes; it dies with its process.
 *
 * <p>Within this process a set of its own decides: the system drops a process's lock when <em>any
 * </em> of its channels to the lock file is closed, even one that failed to get the lock.
 */
final class DirectoryLock implements Closeable {
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel file;

    private DirectoryLock(Path directory, FileChannel file) {
        this.directory = directory;
        this.file = file;
    }

    /**
     * Takes the lock of an existing directory.
     *
     * @throws ProblemException CONFLICT when someone has it
     */
    static DirectoryLock take(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD_HERE.add(real)) {
            throw inUse(directory);
        }
        boolean taken = false;
        FileChannel file = null;
        try {
            file =
                    FileChannel.open(
                            real.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (file.tryLock() == null) {
                throw inUse(directory);
            }
            taken = true;
            return new DirectoryLock(real, file);
        } finally {
            if (!taken) {
                HELD_HERE.remove(real);
                if (file != null) {
                    file.close();
                }
            }
        }
    }

    private static ProblemException inUse(Path directory) {
        return new ProblemException(
                Kind.CONFLICT,
                "cache directory",
                directory + " is in use by another process",
                "stop that process or give another directory");
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            HELD_HERE.remove(directory);
        }
    }
}
