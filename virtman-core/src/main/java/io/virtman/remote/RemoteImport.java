package io.virtman.remote;

import io.virtman.block.BlockSource;
import io.virtman.block.LentSource;
import io.virtman.command.QemuNbd;
import io.virtman.image.ImageFormat;
import io.virtman.image.Qcow2Inspector;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One image file being fetched into a directory of its own, from the beginning: what an earlier
 * attempt left there is deleted. Safe for many threads.
 */
public final class RemoteImport implements Closeable {
    private static final String COPY = "source";

    private final RemoteFile remote;
    private final ImageFormat format;
    private final Path directory;
    private final LazyFile file;
    private final FetchLimits limits;
    private final QemuNbd qemuNbd;

    /**
     * @param directory made when missing; for this import alone
     * @param headers sent with every request; null while they are not known
     * @param bytesPerSecond of what nobody waits for
     */
    public RemoteImport(
            RemoteFile remote,
            ImageFormat format,
            Path directory,
            @Nullable Map<String, String> headers,
            long bytesPerSecond,
            FetchLimits limits,
            QemuNbd qemuNbd)
            throws IOException {
        this.remote = remote;
        this.format = format;
        this.directory = directory;
        this.limits = limits;
        this.qemuNbd = qemuNbd;
        delete(directory);
        Files.createDirectories(directory);
        Path copy =
                Files.createFile(
                        directory.resolve(COPY),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try (var handle = new RandomAccessFile(copy.toFile(), "rw")) {
            handle.setLength(remote.length());
        }
        this.file = new LazyFile(remote, copy, headers, bytesPerSecond, limits);
    }

    /**
     * Bytes of the disk: of a qcow2 file, after a look at its header, which is fetched.
     *
     * @param name how messages call the image
     * @throws ProblemException INVALID when the file is refused
     */
    public long diskSize(String name) throws IOException {
        return switch (format) {
            case RAW -> remote.length();
            case QCOW2 -> Qcow2Inspector.inspect(name, file);
        };
    }

    /**
     * The disk as far as it is here, fetched as it is read; closing it does not end the import.
     *
     * @param size {@link #diskSize}
     */
    public BlockSource disk(long size) {
        return switch (format) {
            case RAW -> new LentSource(file);
            case QCOW2 -> new Qcow2View(file, size, qemuNbd, limits.patience());
        };
    }

    /**
     * Fetches the whole file and compares its hash. In the calling thread, which may be
     * interrupted.
     *
     * @return the private copy, for the caller to move away
     * @throws ProblemException FAILED when it has another hash
     * @throws InterruptedIOException when the calling thread is interrupted
     * @throws IOException when the file will never be whole
     */
    public Path fetch() throws IOException {
        file.fetchAll();
        Path copy = directory.resolve(COPY);
        if (!remote.hash().matches(copy)) {
            throw new ProblemException(
                    Kind.FAILED,
                    "image",
                    "does not match its hash (" + remote.hash().algorithm() + ")",
                    "see to the file at its source, then add the image again");
        }
        return copy;
    }

    /** Puts other headers in force. */
    public void renew(Map<String, String> headers) {
        file.renew(headers);
    }

    /**
     * Refuses headers that can't be sent.
     *
     * @throws ProblemException INVALID
     */
    public static void requireHeaders(Map<String, String> headers) {
        RangeClient.requireHeaders(headers);
    }

    /** Why it waits, for other headers or for the server; null when it does not. */
    public @Nullable String waiting() {
        return file.waiting();
    }

    /** Bytes of the file that are here. */
    public long bytesHere() {
        return file.bytesHere();
    }

    /** Bytes received from the server. */
    public long bytesIn() {
        return file.bytesIn();
    }

    /** Ends reading, and deletes what was fetched and not moved away. */
    @Override
    public void close() throws IOException {
        try (file) {
            delete(directory);
        }
    }

    /** Ends reading; what was fetched stays until the next attempt. */
    public void stop() throws IOException {
        file.close();
    }

    /** Deletes what an import left. */
    public static void delete(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path one : files) {
                Files.deleteIfExists(one);
            }
        }
        Files.deleteIfExists(directory);
    }
}
