package io.virtman.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Buffered input from a {@link Wire}, for one thread. */
final class WireInput {
    private final Wire wire;
    private final ByteBuffer buffer;

    /**
     * @param buffer direct; its capacity bounds what {@link #require} can be asked for
     */
    WireInput(Wire wire, ByteBuffer buffer) {
        this.wire = wire;
        this.buffer = buffer.clear().flip();
    }

    /** Bytes that can be had without waiting. */
    int available() {
        return buffer.remaining();
    }

    /**
     * Waits for {@code count} bytes and returns the buffer they are in, positioned at the first;
     * the caller consumes them by relative gets.
     */
    ByteBuffer require(int count) throws IOException {
        if (buffer.remaining() < count) {
            buffer.compact();
            try {
                while (buffer.position() < count) {
                    receive();
                }
            } finally {
                buffer.flip();
            }
        }
        return buffer;
    }

    /**
     * Consumes 1 to {@code most} bytes, waiting for the first, and returns a view of them, valid
     * until the next call.
     */
    ByteBuffer some(long most) throws IOException {
        require(1);
        int count = (int) Math.min(most, buffer.remaining());
        ByteBuffer view = buffer.slice(buffer.position(), count);
        buffer.position(buffer.position() + count);
        return view;
    }

    /** Consumes {@code count} bytes into an array; the caller has bounded them. */
    byte[] bytes(int count) throws IOException {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count; ) {
            ByteBuffer view = some(count - at);
            int length = view.remaining();
            view.get(bytes, at, length);
            at += length;
        }
        return bytes;
    }

    void skip(long count) throws IOException {
        for (long left = count; left > 0; ) {
            left -= some(left).remaining();
        }
    }

    private void receive() throws IOException {
        if (wire.read(buffer) < 0) {
            throw new EOFException("the peer closed the connection");
        }
    }
}
