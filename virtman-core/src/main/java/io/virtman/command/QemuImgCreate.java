package io.virtman.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code qemu-img} on layers of our own making. */
public final class QemuImgCreate {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration SHORTEST = Duration.ofMinutes(30);
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final long SLOWEST = 5_000_000; // bytes a second, from other hosts

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
     * Writes what a layer reads as into a raw file. It ends with this process, whatever ends that.
     *
     * @param layer a file that no process writes to; its own backing reference is not used
     * @param backing in QEMU's {@code json:} form; null for none
     * @param raw a file as large as the disk, all hole
     */
    public void flatten(Path layer, @Nullable String backing, Path raw) throws IOException {
        ObjectNode disk = JSON.createObjectNode().put("driver", "qcow2");
        disk.putObject("file")
                .put("driver", "file")
                .put("filename", layer.toAbsolutePath().toString());
        disk.set(
                "backing",
                backing == null
                        ? JSON.nullNode()
                        : JSON.readTree(backing.substring("json:".length())));
        Duration timeout = SHORTEST.plusSeconds(Files.size(raw) / SLOWEST);
        runner.run(
                List.of(
                        "setpriv",
                        "--pdeathsig=KILL",
                        "qemu-img",
                        "convert",
                        "-n",
                        "--target-is-zero",
                        "-S",
                        "64k",
                        "-O",
                        "raw",
                        "json:" + disk,
                        raw.toAbsolutePath().toString()),
                timeout.compareTo(LONGEST) > 0 ? LONGEST : timeout);
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
