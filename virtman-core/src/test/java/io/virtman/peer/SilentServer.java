package io.virtman.peer;

import io.virtman.nbd.NbdUri;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Accepts connections (the system does) and never says a word. */
final class SilentServer implements Closeable {
    private final ServerSocket socket;

    SilentServer() throws IOException {
        socket = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    }

    NbdUri uri() {
        return new NbdUri(
                InetSocketAddress.createUnresolved("127.0.0.1", socket.getLocalPort()), "");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
