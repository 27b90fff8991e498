package io.virtman.nbd;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.LongAdder;

/** A connected blocking socket that counts its bytes. Buffers given to it are direct ones. */
final class Wire implements Closeable {
    private final SocketChannel channel;
    private final LongAdder bytesIn;
    private final LongAdder bytesOut;

    Wire(SocketChannel channel, LongAdder bytesIn, LongAdder bytesOut) {
        this.channel = channel;
        this.bytesIn = bytesIn;
        this.bytesOut = bytesOut;
    }

    /** Bytes read, or -1 at the end of the stream. */
    int read(ByteBuffer target) throws IOException {
        int count = channel.read(target);
        if (count > 0) {
            bytesIn.add(count);
        }
        return count;
    }

    /** Writes all remaining bytes; one thread at a time. */
    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            bytesOut.add(channel.write(bytes));
        }
    }

    /** Ends reads and writes of other threads with an exception; returns at once. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
