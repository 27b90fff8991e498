package io.virtman.remote;

import io.virtman.block.BlockSource;
import io.virtman.block.LentSource;
import io.virtman.block.UnreachableException;
import io.virtman.command.QemuNbd;
import io.virtman.nbd.ExportCatalog;
import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdError;
import io.virtman.nbd.NbdRefusal;
import io.virtman.nbd.NbdServer;
import io.virtman.nbd.NbdServerLimits;
import io.virtman.nbd.NbdUri;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The disk in a qcow2 file that is still being fetched. QEMU understands the format: a confined
 * {@code qemu-nbd} reads the file from us over one private socket and serves the disk to us over
 * another. It is started with the first read, again when it died, and ends with its only client.
 * Safe for many threads.
 */
final class Qcow2View implements BlockSource {
    private static final Logger LOGGER = System.getLogger(Qcow2View.class.getName());
    private static final Duration START = Duration.ofSeconds(10);
    private static final Duration LONGEST_RUN = Duration.ofDays(7);
    private static final int MOST_STARTS = 20;

    private final LazyFile file;
    private final long size;
    private final QemuNbd qemuNbd;
    private final Duration deadline;
    private @Nullable Running running; // guarded by this
    private int starts; // guarded by this
    private boolean closed; // guarded by this

    /**
     * @param size of the disk, as inspected
     * @param patience of the file's reads
     */
    Qcow2View(LazyFile file, long size, QemuNbd qemuNbd, Duration patience) {
        this.file = file;
        this.size = size;
        this.qemuNbd = qemuNbd;
        this.deadline = patience.multipliedBy(2);
    }

    private record Running(Path directory, NbdServer server, Thread program, NbdClient client)
            implements Closeable {
        @Override
        public void close() throws IOException {
            client.close();
            program.interrupt();
            server.close();
            delete(directory);
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        NbdClient client = client();
        try {
            client.read(offset, target, deadline);
        } catch (NbdError e) {
            throw explain(e);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while reading an image");
            }
            LOGGER.log(Level.WARNING, "qemu-nbd is started again: {0}", e.getMessage());
            end(client);
            try {
                client().read(offset, target.position(start), deadline);
            } catch (NbdError further) {
                throw explain(further);
            }
        }
    }

    @Override
    public boolean readNow(long offset, ByteBuffer target) {
        return false;
    }

    /** The program says no more than that it could not read. */
    private IOException explain(NbdError e) throws UnreachableException {
        String waiting = file.waiting();
        if (waiting != null) {
            throw new UnreachableException("the image's source gives nothing: " + waiting);
        }
        return new IOException("the image's file can't be read: " + e.getMessage(), e);
    }

    private synchronized NbdClient client() throws IOException {
        if (closed) {
            throw new IOException("the import has ended");
        }
        if (running != null && running.client().isOpen()) {
            return running.client();
        }
        if (starts++ >= MOST_STARTS) {
            throw new IOException("qemu-nbd died " + MOST_STARTS + " times on this image");
        }
        endRunning();
        try {
            Running started = start();
            running = started;
            return started.client();
        } catch (UnreachableException e) {
            starts--; // the source's fault, not the program's
            throw e;
        }
    }

    private synchronized void end(NbdClient broken) throws IOException {
        if (running != null && running.client() == broken) {
            endRunning();
        }
    }

    private void endRunning() throws IOException {
        Running before = running;
        running = null;
        if (before != null) {
            before.close();
        }
    }

    private Running start() throws IOException {
        Path directory = Files.createTempDirectory("virtman-qcow2-"); // short: it holds sockets
        var server = new NbdServer("qcow2 file", new OneFile(), NbdServerLimits.standard());
        Thread program = null;
        try {
            Path from = directory.resolve(QemuNbd.FILE_SOCKET);
            server.listen(UnixDomainSocketAddress.of(from));
            qemuNbd.prepare(directory);
            program =
                    Thread.ofPlatform()
                            .name("qemu-nbd")
                            .daemon()
                            .start(() -> runProgram(directory));
            NbdClient client = connect(directory.resolve(QemuNbd.DISK_SOCKET), program);
            if (client.size() != size) {
                client.close();
                throw new IOException("qemu-nbd sees " + client.size() + " bytes, not " + size);
            }
            return new Running(directory, server, program, client);
        } catch (IOException | RuntimeException e) {
            if (program != null) {
                program.interrupt();
            }
            server.close();
            delete(directory);
            throw e;
        }
    }

    private void runProgram(Path directory) {
        try {
            qemuNbd.serve(directory, LONGEST_RUN);
        } catch (InterruptedIOException e) {
            LOGGER.log(Level.DEBUG, "qemu-nbd was ended");
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "qemu-nbd failed: {0}", e.getMessage());
        }
    }

    /** It opens the file before it listens, which takes reads of the source. */
    private NbdClient connect(Path socket, Thread program) throws IOException {
        NbdUri uri = new NbdUri(UnixDomainSocketAddress.of(socket), "");
        long giveUp = System.nanoTime() + deadline.plus(START).toNanos();
        while (true) {
            if (Files.exists(socket)) {
                try {
                    return NbdClient.connect(uri, START);
                } catch (IOException e) {
                    if (!program.isAlive()) {
                        throw e;
                    }
                }
            }
            String waiting = file.waiting();
            if (!program.isAlive()) {
                throw waiting == null
                        ? new IOException("qemu-nbd can't open the image")
                        : new UnreachableException("the image's source gives nothing: " + waiting);
            }
            if (System.nanoTime() - giveUp > 0) {
                throw new UnreachableException("qemu-nbd did not open the image in time");
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while qemu-nbd started");
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private final class OneFile implements ExportCatalog {
        @Override
        public List<String> names() {
            return List.of("");
        }

        @Override
        public BlockSource open(String name) throws NbdRefusal {
            return new LentSource(file);
        }
    }

    private static void delete(Path directory) throws IOException {
        for (String socket : List.of(QemuNbd.FILE_SOCKET, QemuNbd.DISK_SOCKET)) {
            Files.deleteIfExists(directory.resolve(socket));
        }
        Files.deleteIfExists(directory);
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        endRunning();
    }
}
