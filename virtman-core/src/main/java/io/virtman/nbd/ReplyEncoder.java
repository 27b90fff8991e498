package io.virtman.nbd;

import static io.virtman.nbd.NbdProtocol.CHUNK_BYTES;
import static io.virtman.nbd.NbdProtocol.REPLY_BLOCK_STATUS;
import static io.virtman.nbd.NbdProtocol.REPLY_ERROR;
import static io.virtman.nbd.NbdProtocol.REPLY_FLAG_DONE;
import static io.virtman.nbd.NbdProtocol.REPLY_OFFSET_DATA;
import static io.virtman.nbd.NbdProtocol.REPLY_OFFSET_HOLE;
import static io.virtman.nbd.NbdProtocol.SIMPLE_REPLY_BYTES;
import static io.virtman.nbd.NbdProtocol.SIMPLE_REPLY_MAGIC;
import static io.virtman.nbd.NbdProtocol.STATE_HOLE;
import static io.virtman.nbd.NbdProtocol.STATE_ZERO;
import static io.virtman.nbd.NbdProtocol.STRUCTURED_REPLY_MAGIC;

import io.virtman.block.BlockRange;
import io.virtman.block.Extent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes replies into buffers at their position; each method needs the room it documents. */
final class ReplyEncoder {
    /** Room for any reply without data; error messages are cut to fit. */
    static final int SMALL_REPLY = 512;

    private static final int DATA_CHUNK_BYTES = CHUNK_BYTES + 8;
    private static final int HOLE_PAYLOAD = 12;

    /**
     * Zeroes are looked for in aligned pieces of this size, the unit in which images are cached.
     */
    private static final int PIECE = 64 * 1024;

    /** Smaller pieces stay data: a hole must at least make room for its own headers. */
    private static final int SMALLEST_HOLE = 512;

    private final boolean structured;

    ReplyEncoder(boolean structured) {
        this.structured = structured;
    }

    /** Bytes before the data of a read. */
    int dataOffset() {
        return structured ? DATA_CHUNK_BYTES : SIMPLE_REPLY_BYTES;
    }

    /**
     * Completes a read. The data lies {@link #dataOffset} bytes after the position; afterwards the
     * position is behind the reply, which is never longer than headers and data were.
     *
     * @param fragment whether several chunks may be sent
     */
    void read(ByteBuffer buffer, long cookie, long offset, int length, boolean fragment) {
        int start = buffer.position();
        if (!structured) {
            simple(buffer, cookie, 0);
            buffer.position(start + SIMPLE_REPLY_BYTES + length);
            return;
        }
        int data = start + DATA_CHUNK_BYTES;
        int from = 0;
        int to = pieceEnd(offset, 0, length, fragment);
        boolean hole = isHole(buffer, data, to);
        while (from < length) {
            int next = to;
            boolean nextHole = hole;
            while (next < length) {
                int end = pieceEnd(offset, next, length, fragment);
                nextHole = isHole(buffer, data + next, end - next);
                next = end;
                if (nextHole != hole) {
                    break;
                }
                to = end;
            }
            // Reply bytes never overtake data that has not been moved yet: after a hole of at
            // least 512 bytes both its header and the next one fit in its place.
            int flags = to == length ? REPLY_FLAG_DONE : 0;
            if (hole) {
                chunk(buffer, flags, REPLY_OFFSET_HOLE, cookie, HOLE_PAYLOAD);
                buffer.putLong(offset + from).putInt(to - from);
            } else {
                chunk(buffer, flags, REPLY_OFFSET_DATA, cookie, 8 + to - from);
                buffer.putLong(offset + from);
                if (buffer.position() != data + from) {
                    buffer.put(buffer.position(), buffer, data + from, to - from);
                }
                buffer.position(buffer.position() + to - from);
            }
            from = to;
            to = next;
            hole = nextHole;
        }
    }

    /** Answers a request that needs no data; needs {@link #SMALL_REPLY}. */
    void success(ByteBuffer buffer, long cookie) {
        simple(buffer, cookie, 0);
    }

    /** Answers any request with an error; needs {@link #SMALL_REPLY}. */
    void error(ByteBuffer buffer, long cookie, int errno, String message) {
        if (!structured) {
            simple(buffer, cookie, errno);
            return;
        }
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, SMALL_REPLY - CHUNK_BYTES - 6);
        chunk(buffer, REPLY_FLAG_DONE, REPLY_ERROR, cookie, 6 + length);
        buffer.putInt(errno).putShort((short) length).put(text, 0, length);
    }

    /** Room that {@link #status} needs. */
    static int statusBytes(int extents) {
        return CHUNK_BYTES + 4 + 8 * extents;
    }

    /** Answers BLOCK_STATUS for the one metadata context there is. */
    void status(ByteBuffer buffer, long cookie, List<Extent> extents) {
        int length = statusBytes(extents.size()) - CHUNK_BYTES;
        chunk(buffer, REPLY_FLAG_DONE, REPLY_BLOCK_STATUS, cookie, length);
        buffer.putInt(Negotiation.ALLOCATION_CONTEXT);
        for (Extent extent : extents) {
            buffer.putInt((int) extent.length());
            buffer.putInt(extent.hole() ? STATE_HOLE | STATE_ZERO : 0);
        }
    }

    private static void simple(ByteBuffer buffer, long cookie, int errno) {
        buffer.putInt(SIMPLE_REPLY_MAGIC).putInt(errno).putLong(cookie);
    }

    private static void chunk(ByteBuffer buffer, int flags, int type, long cookie, int length) {
        buffer.putInt(STRUCTURED_REPLY_MAGIC).putShort((short) flags).putShort((short) type);
        buffer.putLong(cookie).putInt(length);
    }

    private static int pieceEnd(long offset, int from, int length, boolean fragment) {
        int untilBoundary = PIECE - (int) ((offset + from) % PIECE);
        return fragment ? Math.min(length, from + untilBoundary) : length;
    }

    private static boolean isHole(ByteBuffer buffer, int at, int length) {
        return length >= SMALLEST_HOLE && BlockRange.isZero(buffer.slice(at, length));
    }
}
