package io.virtman.nbd;

import io.virtman.block.BlockRange;
import io.virtman.block.Extent;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;

/**
 * One connection to an export, for reading (section "Transmission" of the NBD project's {@code
 * doc/proto.md}). Any number of threads may read at once; their requests are pipelined.
 *
 * <p>The server is not trusted to keep to the protocol: whatever it sends, a read returns the bytes
 * it sent for that range, each exactly once, or throws. After a violation the connection is closed;
 * it is never opened again by itself.
 */
public final class NbdClient implements Closeable {
    private static final int INPUT_BUFFER = 256 * 1024;

    /** Pieces of one long read that are asked for at once. */
    private static final int MAXIMUM_PIECES = 8;

    private final Session session;
    private final ClientConnection connection;
    private final LongAdder bytesIn;
    private final LongAdder bytesOut;

    private NbdClient(
            Session session, ClientConnection connection, LongAdder bytesIn, LongAdder bytesOut) {
        this.session = session;
        this.connection = connection;
        this.bytesIn = bytesIn;
        this.bytesOut = bytesOut;
    }

    /**
     * Connects and opens the export.
     *
     * @param timeout for connecting and the handshake; looking up a host name is not bounded by it
     * @throws NbdRefusal when the server refuses the export
     * @throws SocketTimeoutException when the time is over
     */
    public static NbdClient connect(NbdUri uri, Duration timeout) throws IOException {
        if (!timeout.isPositive()) {
            throw new SocketTimeoutException("no time to connect to " + uri);
        }
        LongAdder in = new LongAdder();
        LongAdder out = new LongAdder();
        SocketAddress address = resolve(uri.address());
        SocketChannel channel =
                address instanceof UnixDomainSocketAddress
                        ? SocketChannel.open(StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
        Deadlines deadline = Deadlines.close(channel, timeout);
        boolean connected = false;
        try {
            channel.connect(address);
            if (address instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            Wire wire = new Wire(channel, in, out);
            WireInput input = new WireInput(wire, ByteBuffer.allocateDirect(INPUT_BUFFER));
            Session session = new ClientHandshake(wire, input, uri.export()).run();
            deadline.cancel();
            var connection = new ClientConnection(address.toString(), wire, input, session);
            connection.start();
            connected = !deadline.passed();
            if (!connected) {
                throw new IOException("closed by the deadline");
            }
            return new NbdClient(session, connection, in, out);
        } catch (NbdRefusal refusal) {
            throw refusal;
        } catch (IOException e) {
            if (deadline.passed()) {
                SocketTimeoutException late =
                        new SocketTimeoutException("no connection to " + uri + " in " + timeout);
                late.initCause(e);
                throw late;
            }
            throw new IOException("cannot connect to " + uri + ": " + e.getMessage(), e);
        } finally {
            deadline.cancel();
            if (!connected) {
                Closeables.close(channel);
            }
        }
    }

    /** Size of the export in bytes. */
    public long size() {
        return session.size();
    }

    public boolean readOnly() {
        return session.has(NbdProtocol.FLAG_READ_ONLY);
    }

    /** Whether several connections to the export see the same bytes. */
    public boolean canMultiConn() {
        return session.has(NbdProtocol.FLAG_CAN_MULTI_CONN);
    }

    /** Whether the server sends structured replies. */
    public boolean structured() {
        return session.structured();
    }

    /** Whether {@link #extent} asks the server. */
    public boolean hasBlockStatus() {
        return session.blockStatus();
    }

    /** Bytes read from the server since the beginning, the handshake included. */
    public long bytesIn() {
        return bytesIn.sum();
    }

    /** Bytes written to the server since the beginning, the handshake included. */
    public long bytesOut() {
        return bytesOut.sum();
    }

    /** False once the connection failed or was closed; it stays so. */
    public boolean isOpen() {
        return connection.isOpen();
    }

    /**
     * Fills {@code target}'s remaining bytes from {@code offset} on.
     *
     * @throws IndexOutOfBoundsException when the range is not within the export
     * @throws SocketTimeoutException when the time is over; the connection goes on
     * @throws NbdError when the server answers an error; the connection goes on
     * @throws IOException when the connection fails. {@code target} is never written after an
     *     exception; its content is undefined, its position unchanged
     */
    public void read(long offset, ByteBuffer target, Duration timeout) throws IOException {
        BlockRange.require(size(), offset, target.remaining());
        long deadline = System.nanoTime() + timeout.toNanos();
        int unit = session.minimumBlock();
        long end = offset + target.remaining();
        if (offset % unit == 0 && end % unit == 0) {
            readAligned(offset, target.slice(), deadline);
        } else {
            long from = offset - offset % unit;
            long to = Math.min(size(), BlockRange.roundUp(end, unit));
            ByteBuffer wider = ByteBuffer.allocate(Math.toIntExact(to - from));
            readAligned(from, wider.slice(), deadline);
            int skipped = (int) (offset - from);
            target.put(target.position(), wider, skipped, target.remaining());
        }
        target.position(target.limit());
    }

    /**
     * Says what lies at {@code offset}: an extent beginning there, of 1 to {@code length} bytes. A
     * hole is what the server says reads as zeroes. Without block status all is data.
     *
     * @throws IndexOutOfBoundsException when the range is empty or not within the export
     * @throws IOException as for {@link #read}
     */
    public Extent extent(long offset, long length, Duration timeout) throws IOException {
        BlockRange.require(size(), offset, length);
        if (length == 0) {
            throw new IndexOutOfBoundsException("an empty range has no extent");
        }
        if (!hasBlockStatus()) {
            return new Extent(offset, length, false);
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        int unit = session.minimumBlock();
        long from = offset - offset % unit;
        long wanted = BlockRange.roundUp(offset + Math.min(length, 1L << 31) - from, unit);
        long asked = Math.min(wanted, size() - from);
        PendingRequest request = PendingRequest.status(connection.newCookie(), from, asked);
        connection.submit(request, deadline);
        request.await(deadline);
        Extent answer = request.extent();
        long end = Math.min(answer.end(), offset + length);
        if (end <= offset) {
            throw new IOException("the server's extent is shorter than its smallest block");
        }
        return new Extent(offset, end - offset, answer.hole());
    }

    /** Takes leave of the server and ends the connection; what is still running fails. */
    @Override
    public void close() {
        connection.close();
    }

    private void readAligned(long offset, ByteBuffer target, long deadline) throws IOException {
        ArrayDeque<PendingRequest> running = new ArrayDeque<>(MAXIMUM_PIECES);
        try {
            int length = target.remaining();
            for (int at = 0; at < length; ) {
                int piece = Math.min(length - at, session.maximumPayload());
                if (running.size() == MAXIMUM_PIECES) {
                    running.getFirst().await(deadline);
                    running.removeFirst();
                }
                PendingRequest request =
                        PendingRequest.read(
                                connection.newCookie(), offset + at, target.slice(at, piece));
                connection.submit(request, deadline);
                running.addLast(request);
                at += piece;
            }
            for (PendingRequest request : running) {
                request.await(deadline);
            }
        } finally {
            running.forEach(PendingRequest::abandon); // those behind one that failed
        }
    }

    private static SocketAddress resolve(SocketAddress address) throws UnknownHostException {
        if (address instanceof InetSocketAddress tcp && tcp.isUnresolved()) {
            InetSocketAddress resolved = new InetSocketAddress(tcp.getHostString(), tcp.getPort());
            if (resolved.isUnresolved()) {
                throw new UnknownHostException("the host " + tcp.getHostString() + " is unknown");
            }
            return resolved;
        }
        return address;
    }
}
