package io.virtman.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code qemu-img} on layers of our own making. */
public final class QemuImgCreate {
    private static final ObjectMapper JSON = new ObjectMapper();
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

    /**
     * Makes an empty qcow2 file that reads as zeroes.
     *
     * @param size bytes of the disk
     */
    public void empty(Path file, long size) throws IOException {
        runner.run(
                List.of(
                        "qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        file.toAbsolutePath().toString(),
                        Long.toString(size)),
                TIMEOUT);
    }

    /**
     * Makes the disk of a layer that no process has open larger; what is new reads as zeroes, since
     * it lies beyond the backing image, which is not opened.
     *
     * @param file a layer no smaller than its backing image
     * @param size bytes of the disk, no less than before
     * @throws CommandFailedException also when another process has it open
     */
    public void extend(Path file, long size) throws IOException {
        ObjectNode layer = JSON.createObjectNode().put("driver", "qcow2").putNull("backing");
        layer.putObject("file")
                .put("driver", "file")
                .put("filename", file.toAbsolutePath().toString());
        runner.run(
                List.of("qemu-img", "resize", "-q", "json:" + layer, Long.toString(size)), TIMEOUT);
    }
}
