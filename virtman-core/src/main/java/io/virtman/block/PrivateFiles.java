package io.virtman.block;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files with the content of disks, which no other user of the host may read, whatever this
 * process's umask says. Safe for many threads.
 */
public final class PrivateFiles {
    private static final Logger LOGGER = System.getLogger(PrivateFiles.class.getName());
    private static final Set<PosixFilePermission> DIRECTORY =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final int STICKY = 01000;

    private PrivateFiles() {}

    /**
     * Makes a directory for this user alone, or closes the one that is there to others. One that is
     * another user's, or meant for all as {@code /tmp} is, stays as it is, with a warning.
     *
     * @return the directory
     */
    public static Path directory(Path directory) throws IOException {
        Files.createDirectories(directory);
        Set<PosixFilePermission> now = Files.getPosixFilePermissions(directory);
        if (now.equals(DIRECTORY)) {
            return directory;
        }
        String reason = "it is meant for all users";
        if (((int) Files.getAttribute(directory, "unix:mode") & STICKY) == 0) {
            try {
                return Files.setPosixFilePermissions(directory, DIRECTORY);
            } catch (IOException e) {
                reason = e.toString();
            }
        }
        LOGGER.log(
                Level.WARNING,
                "{0} stays {1}, other users may see what is in it: {2}",
                directory,
                PosixFilePermissions.toString(now),
                reason);
        return directory;
    }

    /**
     * Opens a file; if this makes it, for this user alone.
     *
     * @param options as for {@link FileChannel#open}
     */
    public static FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, Set.of(options), PosixFilePermissions.asFileAttribute(FILE));
    }

    /** Closes a file of this user's, made by a program, to others. */
    public static void close(Path file) throws IOException {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            Files.setPosixFilePermissions(file, FILE);
        }
    }
}
