package io.virtman.cache;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * An NBD client with simple replies that sends its requests at once and takes the answers from its
 * socket only as fast as the test says.
 */
final class SlowReader implements Closeable {
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int EXPORT_NAME = 1;
    private static final int NO_ZEROES = 3; // fixed newstyle and no zeroes

    private final SocketChannel channel;

    SlowReader(SocketAddress address) throws IOException {
        channel =
                address instanceof UnixDomainSocketAddress
                        ? SocketChannel.open(StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
        channel.connect(address);
        take(18);
        byte[] name = "any".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer option = ByteBuffer.allocate(20 + name.length);
        option.putInt(NO_ZEROES).putLong(OPTION_MAGIC).putInt(EXPORT_NAME).putInt(name.length);
        send(option.put(name));
        take(10);
    }

    private void send(ByteBuffer bytes) throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Asks for a range; its answer begins with 16 bytes that end in {@code cookie}. */
    void ask(long cookie, long offset, int length) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(28);
        request.putInt(0x25609513).putShort((short) 0).putShort((short) 0);
        send(request.putLong(cookie).putLong(offset).putInt(length));
    }

    /** Takes exactly that many bytes from the socket. */
    ByteBuffer take(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the server left");
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
