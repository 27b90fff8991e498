package io.virtman.app.quickstart;

import io.virtman.command.CommandRunner;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Everything quickstart's guests boot from. Built once, then kept in a cache directory.
 *
 * @param disk raw, never written by a guest
 */
public record GuestFiles(Path disk, GuestKernel kernel) {
    private static final String PARTIAL = ".partial";
    private static final String DISK = "disk.raw";

    /** To be raised with every change of what is built that scripts and packages do not show. */
    private static final byte RECIPE = 1;

    /**
     * Returns the files in {@code cache}, building them when this version of them is missing: some
     * 100 MB of downloads, 1 GB of disk space for the time of the build, about half a minute.
     * Concurrent callers, also in other processes, build once.
     *
     * @param cache a directory, created when missing
     * @param makeExt4 {@code mke2fs} or its path
     * @param progress receives a line per step
     * @throws io.virtman.problem.ProblemException when the packages cannot be had
     */
    public static GuestFiles provide(
            CommandRunner runner, String makeExt4, Path cache, Consumer<String> progress)
            throws IOException {
        Files.createDirectories(cache);
        Path ready = cache.resolve("guest-" + version());
        // within this JVM too: a second lock by the same process would throw
        synchronized (GuestFiles.class) {
            try (FileChannel channel =
                            FileChannel.open(
                                    cache.resolve("guest.lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                if (!Files.isDirectory(ready)) {
                    removeLeftovers(cache);
                    build(runner, makeExt4, cache, ready, progress);
                }
            }
        }
        return new GuestFiles(ready.resolve(DISK), GuestKernel.in(ready));
    }

    private static void build(
            CommandRunner runner,
            String makeExt4,
            Path cache,
            Path ready,
            Consumer<String> progress)
            throws IOException {
        // never a second one: the caller holds the lock and has removed leftovers
        Path workspace = Files.createDirectory(cache.resolve("guest" + PARTIAL).toAbsolutePath());
        Path result = Files.createDirectory(workspace.resolve("result"));
        try {
            progress.accept("downloading and unpacking Debian packages for the guests");
            Path tree = new GuestPackages(runner).unpack(workspace);
            progress.accept("building the guests' kernel and disk");
            GuestKernel.build(runner, tree, result);
            GuestDisk.build(runner, makeExt4, tree, result.resolve(DISK));
            Files.move(result, ready, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            remove(workspace);
        }
    }

    /** Changes whenever the recipe does, so that a new release does not use an old disk. */
    private static String version() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(RECIPE);
            digest.update(GuestScripts.read("initramfs-init.sh"));
            digest.update(GuestScripts.read("guest-init.sh"));
            digest.update(GuestPackages.NAMES.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What a build left that was killed; the lock says that none runs now. */
    private static void removeLeftovers(Path cache) throws IOException {
        try (Stream<Path> entries = Files.list(cache)) {
            for (Path entry : entries.filter(each -> each.toString().endsWith(PARTIAL)).toList()) {
                remove(entry);
            }
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path each : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(each);
            }
        }
    }
}
