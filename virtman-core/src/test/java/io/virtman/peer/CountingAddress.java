package io.virtman.peer;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** Closes every connection at once and counts them. */
final class CountingAddress implements Closeable {
    private final ServerSocket socket = new ServerSocket();
    private final AtomicInteger accepted = new AtomicInteger();

    CountingAddress(SocketAddress address) throws IOException {
        socket.setReuseAddress(true);
        socket.bind((InetSocketAddress) address);
        Thread.ofPlatform().daemon().start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket one = socket.accept();
                accepted.incrementAndGet();
                one.close();
            }
        } catch (IOException _) {
            // closed by the test
        }
    }

    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
