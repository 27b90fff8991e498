package io.virtman.messaging.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Passes TCP connections on to a port of 127.0.0.1 until it is told to break them. Any thread. */
public final class LossyProxy implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LossyProxy.class.getName());

    private final int target;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean refusing = new AtomicBoolean();
    private final AtomicBoolean stalled = new AtomicBoolean();

    private LossyProxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("proxy").start(this::accepting);
    }

    /** A proxy to that port. */
    public static LossyProxy to(int port) {
        return new LossyProxy(port);
    }

    /** Where it listens. */
    public int port() {
        return server.getLocalPort();
    }

    /** The transport URL with this port in place of the other one. */
    public String rewrite(String url) {
        return url.replace(":" + target + "/", ":" + port() + "/");
    }

    /** Breaks all connections; new ones are passed on. */
    public void cut() {
        sockets.forEach(LossyProxy::close);
        sockets.clear();
    }

    /** Breaks all connections, and new ones at once. */
    public void refuse() {
        refusing.set(true);
        cut();
    }

    /** Passes on nothing more, without a word. */
    public void stall() {
        stalled.set(true);
    }

    /** Passes on again. */
    public void accept() {
        refusing.set(false);
        stalled.set(false);
    }

    private void accepting() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                if (refusing.get()) {
                    close(socket);
                } else {
                    pass(socket);
                }
            } catch (IOException e) {
                // the test ends, or the broker is down: the client sees its socket closed
                LOG.log(System.Logger.Level.DEBUG, "not passed on", e);
            }
        }
    }

    private void pass(Socket socket) throws IOException {
        Socket onward = new Socket();
        try {
            onward.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5000);
        } catch (IOException e) {
            close(socket);
            throw e;
        }
        socket.setTcpNoDelay(true);
        onward.setTcpNoDelay(true);
        sockets.add(socket);
        sockets.add(onward);
        Thread.ofVirtual().start(() -> copy(socket, onward));
        Thread.ofVirtual().start(() -> copy(onward, socket));
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[64 << 10];
        try (from;
                to) {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                while (stalled.get() && !from.isClosed()) {
                    LockSupport.parkNanos(1_000_000);
                }
                output.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // one side is closed, so is the other
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
