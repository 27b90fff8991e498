package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code qemu-img create} for layers on backing references of our own making. */
public final class QemuImgCreate {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final CommandRunner runner;

    public QemuImgCreate(CommandRunner runner) {
        this.runner = runner;
    }

    /**
     * Makes an empty qcow2 file over a backing reference, which is written into it and not opened.
     *
     * @param backing in QEMU's {@code json:} form, of format raw
     * @param size bytes of the disk
     */
    public void layer(Path file, String backing, long size) throws IOException {
        runner.run(
                List.of(
                        "qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        "-u",
                        "-F",
                        "raw",
                        "-b",
                        backing,
                        file.toAbsolutePath().toString(),
                        Long.toString(size)),
                TIMEOUT);
    }
}
