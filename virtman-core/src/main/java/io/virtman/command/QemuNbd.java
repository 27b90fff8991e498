package io.virtman.command;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/**
 * {@code qemu-nbd} as a reader of qcow2 files that nobody vouches for: the file comes over one Unix
 * socket, the disk in it goes over another, both in one directory. It is confined as {@link
 * QemuImg} is, told the format, and that there is no backing file.
 */
public final class QemuNbd {
    /** Where the file is served, by the caller, before the program begins. */
    public static final String FILE_SOCKET = "file.sock";

    /** Where the disk is served, read-only, to one client. */
    public static final String DISK_SOCKET = "disk.sock";

    private static final String FILE =
            "json:{\"driver\":\"qcow2\",\"backing\":null,\"file\":{\"driver\":\"nbd\",\"export\":\"\","
                    + "\"server\":{\"type\":\"unix\",\"path\":\"./"
                    + FILE_SOCKET
                    + "\"}}}";

    private final CommandRunner runner;
    private final Confinement confinement;

    public QemuNbd(CommandRunner runner) throws IOException {
        this.runner = runner;
        this.confinement = Confinement.here();
    }

    /** Gives a directory with the file's socket in it to the user the program runs as. */
    public void prepare(Path directory) throws IOException {
        if (!confinement.root()) {
            return;
        }
        for (Path path : new Path[] {directory, directory.resolve(FILE_SOCKET)}) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            Files.setAttribute(path, "unix:gid", QemuImg.NOBODY);
            Files.setAttribute(path, "unix:uid", QemuImg.NOBODY);
        }
    }

    /**
     * Serves until the client, whose only connection it is, has left, or the calling thread is
     * interrupted.
     *
     * @param atMost after which it is killed
     * @throws InterruptedIOException when the calling thread is interrupted
     * @throws CommandFailedException when it can't open the image
     */
    public void serve(Path directory, Duration atMost) throws IOException {
        runner.run(
                confinement.argv(
                        directory,
                        0,
                        atMost,
                        "qemu-nbd",
                        "--read-only",
                        "--export-name=",
                        "--socket=" + directory.toAbsolutePath().resolve(DISK_SOCKET),
                        FILE),
                atMost);
    }
}
