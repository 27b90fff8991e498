package io.virtman.nbd;

import static io.virtman.nbd.NbdProtocol.CMD_BLOCK_STATUS;
import static io.virtman.nbd.NbdProtocol.CMD_DISC;
import static io.virtman.nbd.NbdProtocol.CMD_FLAG_DF;
import static io.virtman.nbd.NbdProtocol.CMD_FLAG_REQ_ONE;
import static io.virtman.nbd.NbdProtocol.CMD_FLUSH;
import static io.virtman.nbd.NbdProtocol.CMD_READ;
import static io.virtman.nbd.NbdProtocol.CMD_TRIM;
import static io.virtman.nbd.NbdProtocol.CMD_WRITE;
import static io.virtman.nbd.NbdProtocol.CMD_WRITE_ZEROES;
import static io.virtman.nbd.NbdProtocol.REQUEST_BYTES;

import io.virtman.block.BlockSource;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The transmission phase of one connection (section "Transmission"). {@link #serve} runs on the
 * connection's own thread and answers what needs no waiting itself, several replies per write;
 * everything else goes to {@link SlowRequests}. All checks of requests are here.
 */
final class Transmission {
    /** Replies are sent once that many bytes have gathered, or no complete request is left. */
    private static final int SEND_AT = 64 * 1024;

    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final BoundedLog LOG = new BoundedLog(Transmission.class);

    private final WireInput input;
    private final ServedExport export;
    private final BlockSource source;
    private final NbdServerLimits limits;
    private final BufferPool pool;
    private final InFlight inFlight;
    private final ReplyWriter writer;
    private final ReplyEncoder encoder;
    private final SlowRequests slow;
    private @Nullable ByteBuffer replies;

    Transmission(
            Wire wire,
            WireInput input,
            ServedExport export,
            NbdServerLimits limits,
            BufferPool pool,
            InFlight inFlight) {
        this.input = input;
        this.export = export;
        this.source = export.source();
        this.limits = limits;
        this.pool = pool;
        this.inFlight = inFlight;
        this.writer = new ReplyWriter(wire);
        this.encoder = new ReplyEncoder(export.structured());
        this.slow = new SlowRequests(wire, export, pool, inFlight, writer, encoder);
    }

    /**
     * Serves until the client disconnects.
     *
     * @throws IOException when the connection broke or the client left the protocol
     */
    void serve() throws IOException {
        try {
            while (next()) {}
            send();
            inFlight.awaitIdle(DRAIN);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            ByteBuffer left = replies;
            if (left != null) {
                pool.give(left);
            }
        }
    }

    private boolean next() throws IOException {
        if (input.available() < REQUEST_BYTES) {
            send();
        }
        ByteBuffer header = input.require(REQUEST_BYTES);
        if (header.getInt() != NbdProtocol.REQUEST_MAGIC) {
            throw new ProtocolException("a request does not begin with its magic number");
        }
        int flags = Short.toUnsignedInt(header.getShort());
        int type = Short.toUnsignedInt(header.getShort());
        long cookie = header.getLong();
        long offset = header.getLong();
        long length = Integer.toUnsignedLong(header.getInt());
        switch (type) {
            case CMD_READ -> read(flags, cookie, offset, length);
            case CMD_BLOCK_STATUS -> blockStatus(flags, cookie, offset, length);
            case CMD_FLUSH -> flush(flags, cookie, offset, length);
            case CMD_WRITE -> {
                drain(length);
                error(cookie, NbdErrno.EPERM, "the export is read-only");
            }
            case CMD_TRIM, CMD_WRITE_ZEROES ->
                    error(cookie, NbdErrno.EPERM, "the export is read-only");
            case CMD_DISC -> {
                return false;
            }
            default -> error(cookie, NbdErrno.EINVAL, "unknown command");
        }
        return true;
    }

    private void read(int flags, long cookie, long offset, long length) throws IOException {
        int allowed = export.structured() ? CMD_FLAG_DF : 0;
        boolean whole = (flags & CMD_FLAG_DF) != 0;
        if ((flags & ~allowed) != 0) {
            error(cookie, NbdErrno.EINVAL, "a flag is not valid for reads");
        } else if (!isWithin(offset, length)) {
            error(cookie, NbdErrno.EINVAL, "the range is empty or beyond the end");
        } else if (length > limits.maximumRequestBytes()) {
            int errno = whole ? NbdErrno.EOVERFLOW : NbdErrno.EINVAL;
            error(cookie, errno, "the longest read is " + limits.maximumRequestBytes() + " bytes");
        } else {
            read(cookie, offset, (int) length, !whole);
        }
    }

    private void read(long cookie, long offset, int length, boolean fragment) throws IOException {
        ByteBuffer buffer = room(encoder.dataOffset() + length);
        ByteBuffer target = buffer.slice(buffer.position() + encoder.dataOffset(), length);
        boolean hit;
        try {
            hit = source.readNow(offset, target);
            if (hit && target.hasRemaining()) {
                throw new IOException("the source delivered too little");
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("read of " + length + " bytes at " + offset + " failed", e);
            error(cookie, NbdErrno.of(e), "the read failed");
            return;
        }
        if (hit) {
            encoder.read(buffer, cookie, offset, length, fragment);
            sendIfMany();
        } else {
            begin(InFlight.cost(length));
            slow.read(cookie, offset, length, fragment);
        }
    }

    private void blockStatus(int flags, long cookie, long offset, long length) throws IOException {
        if (!export.blockStatus()) {
            error(cookie, NbdErrno.EINVAL, "no metadata context was selected");
        } else if ((flags & ~CMD_FLAG_REQ_ONE) != 0) {
            error(cookie, NbdErrno.EINVAL, "a flag is not valid for block status");
        } else if (!isWithin(offset, length)) {
            error(cookie, NbdErrno.EINVAL, "the range is empty or beyond the end");
        } else {
            begin(SlowRequests.STATUS_COST);
            slow.status(cookie, offset, length, (flags & CMD_FLAG_REQ_ONE) != 0);
        }
    }

    private void flush(int flags, long cookie, long offset, long length) throws IOException {
        if (flags != 0 || offset != 0 || length != 0) {
            error(cookie, NbdErrno.EINVAL, "a flush takes no flags and no range");
        } else {
            encoder.success(room(ReplyEncoder.SMALL_REPLY), cookie);
            sendIfMany();
        }
    }

    /** Takes a payload from the wire that is not wanted, up to what any client may send. */
    private void drain(long length) throws IOException {
        if (length > Math.max(NbdProtocol.DEFAULT_MAXIMUM_PAYLOAD, limits.maximumRequestBytes())) {
            throw new ProtocolException("a write of " + length + " bytes is too long to skip");
        }
        send();
        input.skip(length);
    }

    private boolean isWithin(long offset, long length) {
        // as unsigned numbers, offsets of 2^63 and more are beyond any export
        return length > 0 && offset >= 0 && offset <= source.size() - length;
    }

    private void begin(int cost) throws IOException {
        if (!inFlight.tryBegin(cost)) {
            send();
            inFlight.begin(cost);
        }
    }

    private void error(long cookie, int errno, String message) throws IOException {
        encoder.error(room(ReplyEncoder.SMALL_REPLY), cookie, errno, message);
        sendIfMany();
    }

    /** The buffer of gathered replies, with that much room at its position. */
    private ByteBuffer room(int bytes) throws IOException {
        ByteBuffer current = replies;
        if (current != null && current.remaining() < bytes) {
            send();
            current = replies;
        }
        if (current == null) {
            current = pool.take(Math.max(SEND_AT, bytes));
            replies = current;
        }
        return current;
    }

    private void sendIfMany() throws IOException {
        ByteBuffer current = replies;
        if (current != null && current.position() >= SEND_AT) {
            send();
        }
    }

    private void send() throws IOException {
        ByteBuffer current = replies;
        if (current != null) {
            replies = null;
            try {
                writer.write(current.flip());
            } finally {
                pool.give(current);
            }
        }
    }
}
