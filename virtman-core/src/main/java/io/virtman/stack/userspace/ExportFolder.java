package io.virtman.stack.userspace;

import io.virtman.command.Mounts;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * The folder in which exported layers appear: {@code FOLDER/VM/disk}. FUSE needs a regular file to
 * mount on, and root can open one whatever its mode is: a guest started on it would find an empty
 * disk. So the mount is made in a hidden directory, which gets its public name only once the mount
 * is there and loses it before the mount is taken away; between the two, the path does not exist.
 * The folder is a memory file system, so that a power cut leaves no public name either.
 *
 * <p>Calls for one VM come one at a time; different VMs are independent.
 */
final class ExportFolder {
    private static final String DISK = "disk";
    private static final Path FUSE_CONFIGURATION = Path.of("/etc/fuse.conf");
    private static final Set<String> FORGETFUL = Set.of("tmpfs", "ramfs");
    private static final int MOST_MOUNTS = 16;

    /**
     * Requests of asynchronous I/O that the kernel may hand to the daemon at a time. QEMU 7.2 reads
     * the next request into the buffer of a write that is under way, and so corrupts it.
     * Synchronous writes are safe, since the kernel serialises them. See ADR 10.
     */
    private static final int REQUESTS_AT_A_TIME = 1;

    private final Path folder;
    private final Mounts mounts;
    private final boolean root;
    private final Path fuseConfiguration;

    ExportFolder(Path folder, Mounts mounts) throws IOException {
        this(folder, mounts, mounts.root(), FUSE_CONFIGURATION);
    }

    /**
     * @param root whether this process may mount
     */
    ExportFolder(Path folder, Mounts mounts, boolean root, Path fuseConfiguration)
            throws IOException {
        this.folder = real(folder.toAbsolutePath().normalize());
        this.mounts = mounts;
        this.root = root;
        this.fuseConfiguration = fuseConfiguration;
    }

    /** As the kernel's table of mounts has it: without symbolic links, such as /var/run. */
    private static Path real(Path path) throws IOException {
        Path parent = path.getParent();
        if (Files.exists(path) || parent == null) {
            return path.toRealPath();
        }
        return real(parent).resolve(path.getFileName());
    }

    /** Whether anything of a VM's export is here. */
    boolean present(String vm) throws IOException {
        return exists(folder.resolve(vm)) || exists(hidden(vm));
    }

    /** Where a VM's layer is while it is exported. */
    Path path(String vm) {
        return folder.resolve(vm).resolve(DISK);
    }

    /** What its daemon mounts on. */
    Path mountPoint(String vm) {
        return hidden(vm).resolve(DISK);
    }

    private Path hidden(String vm) {
        return folder.resolve("." + vm);
    }

    /**
     * Makes the folder fit for use; may be repeated.
     *
     * @throws ProblemException FAILED when this host does not allow exports
     */
    synchronized void prepare() throws IOException {
        Files.createDirectories(folder);
        if (!root) {
            requireAllowOther();
        }
        if (!FORGETFUL.contains(Files.getFileStore(folder).type())) {
            if (!root) {
                throw new ProblemException(
                        Kind.FAILED,
                        "--exports",
                        folder + " is not on a memory file system and would outlive a reboot",
                        "choose a folder on a tmpfs, or mount one there");
            }
            mounts.mountMemory(folder);
        }
        if (root) {
            share();
        }
    }

    /**
     * libvirt runs each guest in a mount namespace of its own, where a disk that is attached later
     * is seen only if the folder's mount is shared. Where systemd runs all are; elsewhere it may be
     * a private one, or none of its own.
     */
    private void share() throws IOException {
        if (mounts.containing(folder).shared()) {
            return;
        }
        if (mounts.at(folder).isEmpty()) {
            mounts.mountMemory(folder);
        }
        mounts.share(folder);
    }

    private void requireAllowOther() throws IOException {
        List<String> lines =
                Files.exists(fuseConfiguration)
                        ? Files.readAllLines(fuseConfiguration)
                        : List.<String>of();
        if (lines.stream().map(String::strip).noneMatch("user_allow_other"::equals)) {
            throw new ProblemException(
                    Kind.FAILED,
                    "user_allow_other",
                    "guests run as another user, whom " + fuseConfiguration + " lets open nothing",
                    "add the line 'user_allow_other' to it, or run the node as root");
        }
    }

    /** Makes a fresh place to mount on, whatever was there before. */
    void begin(String vm) throws IOException {
        remove(vm);
        Path directory = Files.createDirectory(hidden(vm));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createFile(
                mountPoint(vm),
                PosixFilePermissions.asFileAttribute(
                        root ? Set.of() : PosixFilePermissions.fromString("rw-------")));
    }

    /** Whether something is mounted, published or not. */
    boolean mounted(String vm) throws IOException {
        return !mounts.at(mountPoint(vm)).isEmpty() || !mounts.at(path(vm)).isEmpty();
    }

    /** Lets others find the mount; does nothing when they can. */
    void publish(String vm) throws IOException {
        List<Mounts.Mount> mount = mounts.at(mountPoint(vm));
        if (mount.isEmpty()) {
            return; // it has its public name
        }
        mounts.limitBackground(mount.getLast().device(), REQUESTS_AT_A_TIME);
        Files.move(hidden(vm), folder.resolve(vm), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Takes the public name away; a mount stays, on {@link #mountPoint}, where it was made. */
    void hide(String vm) throws IOException {
        if (!exists(folder.resolve(vm))) {
            return;
        }
        if (exists(hidden(vm))) {
            clear(vm);
        }
        Files.move(folder.resolve(vm), hidden(vm), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes all there is of a VM's export; dead mounts too. */
    void remove(String vm) throws IOException {
        hide(vm);
        clear(vm);
    }

    private void clear(String vm) throws IOException {
        Path point = mountPoint(vm);
        for (int i = 0; !mounts.at(point).isEmpty(); i++) {
            if (i == MOST_MOUNTS) {
                throw new IOException(point + " stays mounted");
            }
            mounts.unmount(point);
        }
        Files.deleteIfExists(point);
        Files.deleteIfExists(hidden(vm));
    }

    private static boolean exists(Path directory) throws IOException {
        try {
            // of the directory: looking at the file could wait for a daemon that waits itself
            return Files.readAttributes(directory, BasicFileAttributes.class).isDirectory();
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
