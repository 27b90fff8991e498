package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * {@code qemu-img} on images that nobody vouches for. It runs with limits on memory, processor
 * time, open files and file size, without a way to regain privileges, and, where this process is
 * root, as {@value #NOBODY} in empty network and process namespaces. It is told the format and that
 * there is no backing file, so it opens nothing but what it is given.
 *
 * <p>File names are relative to a directory that the program enters while it still may: the
 * directories above it can stay closed to others. The directory itself must let others in (0711),
 * and the files must belong to the user it runs as.
 */
public final class QemuImg {
    /** User and group without rights, where this process can change to it. */
    public static final int NOBODY = 65534;

    private static final int LEAKED_CLUSTERS = 3;

    private final CommandRunner runner;
    private final Confinement confinement;

    public QemuImg(CommandRunner runner) throws IOException {
        this(runner, Confinement.here().root());
    }

    QemuImg(CommandRunner runner, boolean root) {
        this.runner = runner;
        this.confinement = new Confinement(root);
    }

    /** What reads qcow2 files that are not here yet, with the same programs at hand. */
    public QemuNbd nbd() throws IOException {
        return new QemuNbd(runner);
    }

    /** Whether files have to be given to {@link #NOBODY} before the program can use them. */
    public boolean changesUser() {
        return confinement.root();
    }

    /**
     * Checks the consistency of a qcow2 file. Space that is allocated and unused counts as
     * consistent.
     *
     * @throws CommandFailedException when it is damaged, cut off or cannot be read
     */
    public void check(Path directory, String qcow2, Duration timeout) throws IOException {
        try {
            runner.run(
                    confined(directory, 0, timeout, "check", "--output=json", node(qcow2)),
                    timeout);
        } catch (CommandFailedException e) {
            if (e.status() != LEAKED_CLUSTERS) {
                throw e;
            }
        }
    }

    /**
     * Writes the content of a qcow2 file into an existing raw file.
     *
     * @param raw a file of exactly the virtual size without any data
     * @param size the virtual size in bytes; no file grows beyond it
     */
    public void convert(Path directory, String qcow2, String raw, long size, Duration timeout)
            throws IOException {
        runner.run(
                confined(
                        directory,
                        size,
                        timeout,
                        "convert",
                        "-n",
                        "--target-is-zero",
                        "-S",
                        "64k",
                        "-O",
                        "raw",
                        node(qcow2),
                        "./" + raw),
                timeout);
    }

    private List<String> confined(
            Path directory, long size, Duration timeout, String... arguments) {
        return confinement.argv(directory, size, timeout, "qemu-img", arguments);
    }

    /**
     * The image as QEMU's {@code json:} pseudo-protocol: unlike a file name, it says which drivers
     * are used and that no backing file is opened whatever the header says.
     */
    private static String node(String qcow2) {
        return "json:{\"driver\":\"qcow2\",\"backing\":null,\"file\":{\"driver\":\"file\",\"filename\":\""
                + escape(qcow2)
                + "\"}}";
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> escaped.append('\\').append(c);
                default -> {
                    if (c < ' ') {
                        escaped.append(String.format("\\u%04x", (int) c));
                    } else {
                        escaped.append(c);
                    }
                }
            }
        }
        return escaped.toString();
    }
}
