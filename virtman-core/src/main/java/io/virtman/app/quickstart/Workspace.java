package io.virtman.app.quickstart;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * Where a quickstart keeps its files: data, which may be kept for the next run, and sockets, which
 * never are and whose path must be short.
 */
final class Workspace implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(Workspace.class.getName());

    private final Path data;
    private final Path sockets;
    private final boolean keep;

    private Workspace(Path data, Path sockets, boolean keep) {
        this.data = data;
        this.sockets = sockets;
        this.keep = keep;
    }

    static Workspace open(boolean keep) throws IOException {
        Path sockets = shortDirectory(Path.of(System.getProperty("java.io.tmpdir")));
        return new Workspace(
                keep ? Files.createDirectories(kept()) : sockets.resolve("data"), sockets, keep);
    }

    /** As a temporary directory, with a name that leaves room for those of sockets. */
    private static Path shortDirectory(Path parent) throws IOException {
        while (true) {
            String name = "virtman-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());
            try {
                return Files.createDirectory(
                        parent.resolve(name),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                LOGGER.log(Level.DEBUG, "{0} is taken", name);
            }
        }
    }

    private static Path kept() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache != null && cache.startsWith("/")
                        ? Path.of(cache)
                        : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("virtman").resolve("quickstart");
    }

    Path guestFiles() {
        return data.resolve("guest");
    }

    Path data(String service) {
        return data.resolve(service);
    }

    Path run(String service) {
        return sockets.resolve(service);
    }

    Path log(String service) {
        return sockets.resolve(service + ".log");
    }

    /** What every process of this run has in its arguments. */
    String mark() {
        return sockets.toString();
    }

    /** Removes what is not kept; may be called twice and by two threads. */
    @Override
    public synchronized void close() {
        remove(sockets);
        if (!keep) {
            remove(data);
        }
    }

    private static void remove(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path each : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "{0} was not removed entirely: {1}", directory, e);
        }
    }
}
