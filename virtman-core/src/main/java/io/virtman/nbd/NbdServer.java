package io.virtman.nbd;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Serves a catalogue of read-only exports over TCP and Unix sockets, by the NBD project's {@code
 * doc/proto.md}: fixed newstyle, structured replies with holes, block status, replies out of order.
 *
 * <p>Each connection has a platform thread that answers what its source has at hand; a request that
 * must wait for other hosts never holds up another one. Whatever a client sends or omits harms its
 * own connection only. Safe for use by many threads.
 */
public final class NbdServer implements Closeable {
    private static final int BACKLOG = 1024;

    /** Idle buffers kept for all connections. */
    private static final long KEPT_BYTES = 16 << 20;

    /** Pause after a failed accept: the cause, mostly too many open files, needs time to pass. */
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);

    private static final String FULL = "the maximum of connections is reached";
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(10);
    private static final System.Logger LOG = System.getLogger(NbdServer.class.getName());
    private static final BoundedLog CLIENT_LOG = new BoundedLog(NbdServer.class);

    private final String name;
    private final ExportCatalog catalog;
    private final NbdServerLimits limits;
    private final BufferPool pool = new BufferPool(KEPT_BYTES);
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final AtomicLong sequence = new AtomicLong();
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private final List<Listener> listeners = new ArrayList<>(); // guarded by this
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * @param name names the server's threads
     */
    public NbdServer(String name, ExportCatalog catalog, NbdServerLimits limits) {
        this.name = name;
        this.catalog = catalog;
        this.limits = limits;
    }

    /**
     * Accepts clients there from now on; may be called several times. A Unix socket is made with
     * mode 0660, replaces one that a dead process left, and is removed by {@link #close}.
     *
     * @param address an {@link InetSocketAddress} (port 0 picks one) or {@link
     *     UnixDomainSocketAddress}
     * @return the address bound
     * @throws IOException when it cannot be bound, e.g. because another process listens there
     */
    public synchronized SocketAddress listen(SocketAddress address) throws IOException {
        if (isClosed()) {
            throw new SocketException("the server is closed");
        }
        Listener listener = bind(address);
        listeners.add(listener);
        listener.thread().start();
        return listener.address();
    }

    /** Bytes read from clients since the beginning, handshakes and headers included. */
    public long bytesIn() {
        return bytesIn.sum();
    }

    /** Bytes written to clients since the beginning, handshakes and headers included. */
    public long bytesOut() {
        return bytesOut.sum();
    }

    /** Connections now, those included whose last requests are still running. */
    public int connections() {
        return connections.size();
    }

    /**
     * Ends all connections and returns when their threads and requests ended, after 10 seconds at
     * the latest. Requests running meanwhile are not interrupted, their replies are lost.
     */
    @Override
    public void close() throws IOException {
        List<Listener> ending;
        synchronized (this) {
            closed.countDown();
            ending = List.copyOf(listeners);
            listeners.clear();
        }
        for (Listener listener : ending) {
            listener.close();
        }
        long end = System.nanoTime() + CLOSE_BOUND.toNanos();
        try {
            for (Listener listener : ending) {
                listener.thread().join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
            List<ServerConnection> open = List.copyOf(connections);
            open.forEach(ServerConnection::close);
            for (ServerConnection connection : open) {
                if (!connection.awaitEnd(Duration.ofNanos(end - System.nanoTime()))) {
                    LOG.log(Level.WARNING, "a connection of {0} still has requests running", name);
                    return;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private record Listener(
            ServerSocketChannel channel,
            SocketAddress address,
            Thread thread,
            @Nullable Object fileIdentity)
            implements Closeable {
        @Override
        public void close() throws IOException {
            channel.close();
            if (address instanceof UnixDomainSocketAddress unix) {
                Path path = unix.getPath();
                if (fileIdentity != null && fileIdentity.equals(UnixSockets.identity(path))) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private Listener bind(SocketAddress address) throws IOException {
        ServerSocketChannel channel;
        SocketAddress bound;
        @Nullable Object identity = null;
        switch (address) {
            case UnixDomainSocketAddress unix -> {
                channel = UnixSockets.bind(unix, BACKLOG);
                bound = unix;
                identity = UnixSockets.identity(unix.getPath());
            }
            case InetSocketAddress tcp -> {
                channel = bindTcp(tcp);
                bound = channel.getLocalAddress();
            }
            default -> throw new SocketException("neither a TCP nor a Unix address: " + address);
        }
        Thread thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("nbd-" + name + "-accept")
                        .unstarted(() -> accept(channel));
        return new Listener(channel, bound, thread, identity);
    }

    private static ServerSocketChannel bindTcp(InetSocketAddress tcp) throws IOException {
        InetSocketAddress address =
                tcp.isUnresolved()
                        ? new InetSocketAddress(tcp.getHostString(), tcp.getPort())
                        : tcp;
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            if (address.isUnresolved()) {
                throw new SocketException("unknown host");
            }
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(address, BACKLOG);
        } catch (IOException e) {
            Closeables.close(channel);
            throw new IOException("cannot listen on " + tcp + ": " + e.getMessage(), e);
        }
    }

    private void accept(ServerSocketChannel listening) {
        while (!isClosed()) {
            try {
                admit(listening.accept());
            } catch (IOException | OutOfMemoryError e) {
                if (!listening.isOpen()) {
                    return;
                }
                CLIENT_LOG.warn("a connection could not be accepted", e);
                if (pause()) {
                    return;
                }
            }
        }
    }

    private void admit(SocketChannel channel) throws IOException {
        boolean started = false;
        ServerConnection connection =
                new ServerConnection(
                        new Wire(channel, bytesIn, bytesOut),
                        catalog,
                        limits,
                        pool,
                        connections::remove);
        try {
            if (connections.size() >= limits.maximumConnections()) {
                CLIENT_LOG.warn("a client was turned away", new SocketException(FULL));
                return;
            }
            connections.add(connection);
            if (!(channel.getLocalAddress() instanceof UnixDomainSocketAddress)) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            Thread.ofPlatform()
                    .daemon()
                    .name("nbd-" + name + "-" + sequence.incrementAndGet())
                    .start(connection);
            started = true;
        } finally {
            if (!started) {
                connections.remove(connection);
                Closeables.close(channel);
            }
        }
    }

    /** Lets some time pass; true when the server was closed meanwhile. */
    private boolean pause() {
        try {
            return closed.await(ACCEPT_PAUSE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }
}
