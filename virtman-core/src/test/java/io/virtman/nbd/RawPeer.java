package io.virtman.nbd;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** One end of a TCP connection that says whatever a test wants. */
final class RawPeer implements Closeable {
    private final Socket socket;
    final DataInputStream in;
    final DataOutputStream out;

    RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    static RawPeer connect(SocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address);
        return new RawPeer(socket);
    }

    /** As a client: takes the greeting and answers with {@code flags}. */
    RawPeer greet(int flags) throws IOException {
        in.skipNBytes(18);
        out.writeInt(flags);
        return this;
    }

    void option(int option, byte[] data) throws IOException {
        optionHeader(option, data.length);
        out.write(data);
    }

    void optionHeader(int option, int length) throws IOException {
        out.writeLong(NbdProtocol.OPTION_MAGIC);
        out.writeInt(option);
        out.writeInt(length);
    }

    /** Takes one option reply and returns its type. */
    int optionReply() throws IOException {
        in.skipNBytes(12);
        int type = in.readInt();
        in.skipNBytes(in.readInt());
        return type;
    }

    /** Opens the export with EXPORT_NAME: simple replies, or structured ones on demand. */
    RawPeer open(String name, boolean structured) throws IOException {
        greet(3);
        if (structured) {
            option(NbdProtocol.OPT_STRUCTURED_REPLY, new byte[0]);
            optionReply();
        }
        option(NbdProtocol.OPT_EXPORT_NAME, name.getBytes(StandardCharsets.UTF_8));
        in.skipNBytes(10);
        return this;
    }

    void request(int flags, int type, long cookie, long offset, int length) throws IOException {
        out.writeInt(NbdProtocol.REQUEST_MAGIC);
        out.writeShort(flags);
        out.writeShort(type);
        out.writeLong(cookie);
        out.writeLong(offset);
        out.writeInt(length);
    }

    /** Takes the head of a simple reply to {@code cookie} and returns its error. */
    int simpleReply(long cookie) throws IOException {
        expect(NbdProtocol.SIMPLE_REPLY_MAGIC, in.readInt());
        int errno = in.readInt();
        expect(cookie, in.readLong());
        return errno;
    }

    /** Takes one error chunk that ends the reply to {@code cookie} and returns its error. */
    int errorChunk(long cookie) throws IOException {
        expect(NbdProtocol.STRUCTURED_REPLY_MAGIC, in.readInt());
        expect(NbdProtocol.REPLY_FLAG_DONE, in.readShort());
        expect(NbdProtocol.REPLY_ERROR, in.readUnsignedShort());
        expect(cookie, in.readLong());
        int length = in.readInt();
        int errno = in.readInt();
        in.skipNBytes(length - 4);
        return errno;
    }

    /** Whether the other side has ended the connection. */
    boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException _) {
            return true; // reset, because it did not read all
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static void expect(long expected, long actual) {
        if (expected != actual) {
            throw new AssertionError("expected %x but got %x".formatted(expected, actual));
        }
    }
}
