package io.virtman.nbd;

import static io.virtman.nbd.NbdProtocol.CHUNK_BYTES;
import static io.virtman.nbd.NbdProtocol.REPLY_BLOCK_STATUS;
import static io.virtman.nbd.NbdProtocol.REPLY_ERROR_BIT;
import static io.virtman.nbd.NbdProtocol.REPLY_FLAG_DONE;
import static io.virtman.nbd.NbdProtocol.REPLY_NONE;
import static io.virtman.nbd.NbdProtocol.REPLY_OFFSET_DATA;
import static io.virtman.nbd.NbdProtocol.REPLY_OFFSET_HOLE;
import static io.virtman.nbd.NbdProtocol.SIMPLE_REPLY_BYTES;
import static io.virtman.nbd.NbdProtocol.SIMPLE_REPLY_MAGIC;
import static io.virtman.nbd.NbdProtocol.STRUCTURED_REPLY_MAGIC;

import io.virtman.block.Extent;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes replies from the wire and hands them to their requests; the server is not trusted. Runs on
 * a thread of its own, which never waits for anything but the wire.
 */
final class ReplyReader {
    /** The client's table of requests. */
    interface Requests {
        @Nullable PendingRequest find(long cookie);

        /** Its reply has ended: the cookie is free. */
        void forget(PendingRequest request);
    }

    private final WireInput input;
    private final Session session;
    private final Requests requests;

    ReplyReader(WireInput input, Session session, Requests requests) {
        this.input = input;
        this.session = session;
        this.requests = requests;
    }

    /** Takes one simple reply or chunk; any exception means that the connection is unusable. */
    void next() throws IOException {
        ByteBuffer magic = input.require(4);
        switch (magic.getInt()) {
            case SIMPLE_REPLY_MAGIC -> simple();
            case STRUCTURED_REPLY_MAGIC -> chunk();
            default -> throw new ProtocolException("a reply does not begin with a magic number");
        }
    }

    private void simple() throws IOException {
        ByteBuffer header = input.require(SIMPLE_REPLY_BYTES - 4);
        int errno = header.getInt();
        PendingRequest request = find(header.getLong());
        if (session.structured() && (request.isRead() || errno == 0)) {
            throw new ProtocolException("a simple reply where a structured one was agreed on");
        }
        if (errno != 0) {
            request.error(reported(errno, ""));
        } else {
            request.claim(request.offset, request.length);
            receive(request, request.offset, request.length);
        }
        finish(request);
    }

    private void chunk() throws IOException {
        if (!session.structured()) {
            throw new ProtocolException("a structured reply was not agreed on");
        }
        ByteBuffer header = input.require(CHUNK_BYTES - 4);
        boolean done = (header.getShort() & REPLY_FLAG_DONE) != 0;
        int type = Short.toUnsignedInt(header.getShort());
        PendingRequest request = find(header.getLong());
        long length = Integer.toUnsignedLong(header.getInt());
        if ((type & REPLY_ERROR_BIT) != 0) {
            error(request, length);
        } else if (type == REPLY_NONE && length == 0 && done) {
            // nothing but the end of the reply
        } else if (type == REPLY_OFFSET_DATA && length > 8 && request.isRead()) {
            long offset = input.require(8).getLong();
            request.claim(offset, length - 8);
            receive(request, offset, length - 8);
        } else if (type == REPLY_OFFSET_HOLE && length == 12 && request.isRead()) {
            ByteBuffer hole = input.require(12);
            long offset = hole.getLong();
            long count = Integer.toUnsignedLong(hole.getInt());
            request.claim(offset, count);
            request.zero(offset, (int) count);
        } else if (type == REPLY_BLOCK_STATUS && length == 12 && !request.isRead()) {
            status(request, input.require(12));
        } else {
            throw new ProtocolException("an unexpected or malformed chunk of type " + type);
        }
        if (done) {
            finish(request);
        }
    }

    private void receive(PendingRequest request, long offset, long count) throws IOException {
        for (long at = offset; at < offset + count; ) {
            ByteBuffer bytes = input.some(offset + count - at);
            request.put(at, bytes);
            at += bytes.remaining();
        }
    }

    private void status(PendingRequest request, ByteBuffer content) throws IOException {
        long context = Integer.toUnsignedLong(content.getInt());
        long length = Integer.toUnsignedLong(content.getInt());
        int state = content.getInt();
        if (context != session.allocationContext() || length == 0) {
            throw new ProtocolException("a malformed block status");
        }
        // some servers describe more than was asked for
        request.extent(
                new Extent(
                        request.offset,
                        Math.min(length, request.length),
                        (state & NbdProtocol.STATE_ZERO) != 0));
    }

    private void error(PendingRequest request, long length) throws IOException {
        if (length < 6) {
            throw new ProtocolException("a malformed error chunk");
        }
        ByteBuffer content = input.require(6);
        int errno = content.getInt();
        int text = Short.toUnsignedInt(content.getShort());
        if (errno == 0 || text > length - 6 || text > NbdProtocol.MAXIMUM_STRING) {
            throw new ProtocolException("a malformed error chunk");
        }
        request.error(reported(errno, ProtocolText.printable(input.bytes(text))));
        long rest = length - 6 - text; // e.g. the offset of ERROR_OFFSET
        if (rest > NbdProtocol.MAXIMUM_STRING) {
            throw new ProtocolException("a malformed error chunk");
        }
        input.skip(rest);
    }

    private void finish(PendingRequest request) throws ProtocolException {
        request.complete();
        requests.forget(request);
    }

    private PendingRequest find(long cookie) throws ProtocolException {
        PendingRequest request = requests.find(cookie);
        if (request == null) {
            throw new ProtocolException("a reply to nothing that was asked");
        }
        return request;
    }

    private static IOException reported(int errno, String message) {
        return new NbdError(
                "the server answered "
                        + NbdErrno.name(errno)
                        + (message.isEmpty() ? "" : ": " + message));
    }
}
