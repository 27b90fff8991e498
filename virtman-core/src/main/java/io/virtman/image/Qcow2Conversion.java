package io.virtman.image;

import io.virtman.command.CommandFailedException;
import io.virtman.command.QemuImg;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/**
 * Turns the private copy of a qcow2 file into a raw one. The program that does it owns the two
 * files for that time and nothing else: it cannot replace, rename or add any.
 */
final class Qcow2Conversion {
    private static final Duration SHORTEST = Duration.ofMinutes(10);
    private static final Duration LONGEST = Duration.ofHours(6);
    private static final long SLOWEST = 10_000_000; // bytes a second
    private static final int COMMAND_NOT_FOUND = 127;
    private static final int DAMAGED = 2; // qemu-img check: corruptions found

    private Qcow2Conversion() {}

    /**
     * @param raw a file of {@code size} bytes, all hole; filled when this returns
     * @param name how messages call the image
     */
    static void run(QemuImg qemuImg, Path directory, Path qcow2, Path raw, long size, String name)
            throws IOException {
        Duration timeout = timeout(size);
        Files.setPosixFilePermissions(qcow2, PosixFilePermissions.fromString("r--------"));
        Object ourselves = Files.getAttribute(raw, "unix:uid");
        Object ourGroup = Files.getAttribute(raw, "unix:gid");
        if (qemuImg.changesUser()) {
            give(qcow2, QemuImg.NOBODY, QemuImg.NOBODY);
            give(raw, QemuImg.NOBODY, QemuImg.NOBODY);
        }
        String from = String.valueOf(qcow2.getFileName());
        String to = String.valueOf(raw.getFileName());
        try {
            qemuImg.check(directory, from, timeout);
            qemuImg.convert(directory, from, to, size, timeout);
        } catch (CommandFailedException e) {
            throw explain(e, name);
        }
        if (qemuImg.changesUser()) {
            give(raw, ourselves, ourGroup);
        }
        if (Files.size(raw) != size) {
            throw new IOException(
                    "conversion wrote " + Files.size(raw) + " bytes instead of " + size);
        }
    }

    private static void give(Path file, Object user, Object group) throws IOException {
        Files.setAttribute(file, "unix:uid", user);
        Files.setAttribute(file, "unix:gid", group);
    }

    private static Duration timeout(long size) {
        Duration duration = SHORTEST.plusSeconds(size / SLOWEST);
        return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
    }

    /** What the failure means; an IOException when it is not the image's fault. */
    private static ProblemException explain(CommandFailedException e, String name)
            throws CommandFailedException {
        String said = Printable.of(e.standardError().strip());
        if (e.status() == COMMAND_NOT_FOUND) {
            return new ProblemException(
                    Kind.FAILED,
                    name,
                    "cannot be converted: a program is missing (" + said + ")",
                    "install qemu-utils and util-linux",
                    e);
        }
        if (e.status() == DAMAGED || (said.startsWith("qemu-img:") && !said.contains("space"))) {
            return new ProblemException(
                    Kind.INVALID,
                    name,
                    "is damaged or cut off (" + said + ")",
                    "get a whole copy of the image, or repair it with 'qemu-img check -r all FILE'",
                    e);
        }
        throw e;
    }
}
