package io.virtman.nbd;

import static io.virtman.nbd.NbdProtocol.BASE_ALLOCATION;
import static io.virtman.nbd.NbdProtocol.FLAG_FIXED_NEWSTYLE;
import static io.virtman.nbd.NbdProtocol.FLAG_NO_ZEROES;
import static io.virtman.nbd.NbdProtocol.MAXIMUM_OPTION;
import static io.virtman.nbd.NbdProtocol.OPT_ABORT;
import static io.virtman.nbd.NbdProtocol.OPT_EXPORT_NAME;
import static io.virtman.nbd.NbdProtocol.OPT_GO;
import static io.virtman.nbd.NbdProtocol.OPT_SET_META_CONTEXT;
import static io.virtman.nbd.NbdProtocol.OPT_STRUCTURED_REPLY;
import static io.virtman.nbd.NbdProtocol.REP_ACK;
import static io.virtman.nbd.NbdProtocol.REP_ERR_UNSUP;
import static io.virtman.nbd.NbdProtocol.REP_INFO;
import static io.virtman.nbd.NbdProtocol.REP_META_CONTEXT;

import io.virtman.nbd.NbdRefusal.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The client's side of the handshake: structured replies and block status if the server has them,
 * GO, and EXPORT_NAME with servers that know nothing else. For one thread; the caller bounds the
 * time by closing the wire.
 */
final class ClientHandshake {
    private static final int MAXIMUM_REPLIES = 100;

    private final Wire wire;
    private final WireInput input;
    private final byte[] name;

    private long size = -1;
    private int flags;
    private boolean structured;
    private long context = -1;
    private int minimumBlock = 1;
    private int maximumPayload = NbdProtocol.DEFAULT_MAXIMUM_PAYLOAD;

    ClientHandshake(Wire wire, WireInput input, String export) {
        this.wire = wire;
        this.input = input;
        this.name = export.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @throws NbdRefusal when the server refuses the export
     * @throws ProtocolException when it does not speak the protocol
     */
    Session run() throws IOException {
        ByteBuffer greeting = input.require(18);
        if (greeting.getLong() != NbdProtocol.MAGIC
                || greeting.getLong() != NbdProtocol.OPTION_MAGIC) {
            throw new ProtocolException("the server does not speak newstyle NBD");
        }
        int offered = greeting.getShort() & (FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
        wire.write(direct(4).putInt(offered).flip());
        boolean noZeroes = (offered & FLAG_NO_ZEROES) != 0;
        if ((offered & FLAG_FIXED_NEWSTYLE) == 0) {
            exportName(noZeroes);
        } else {
            structured = ask(OPT_STRUCTURED_REPLY, new byte[0]) == REP_ACK;
            if (structured && ask(OPT_SET_META_CONTEXT, contextQuery()) != REP_ACK) {
                context = -1;
            }
            int answer = ask(OPT_GO, goRequest());
            if (answer == REP_ERR_UNSUP) {
                exportName(noZeroes);
            }
        }
        if (size < 0 || (flags & NbdProtocol.FLAG_HAS_FLAGS) == 0) {
            throw new ProtocolException("the server announced no valid size and flags");
        }
        return new Session(size, flags, structured, context, minimumBlock, maximumPayload);
    }

    private void exportName(boolean noZeroes) throws IOException {
        send(OPT_EXPORT_NAME, name);
        try {
            ByteBuffer answer = input.require(10);
            size = answer.getLong();
            flags = Short.toUnsignedInt(answer.getShort());
            input.skip(noZeroes ? 0 : NbdProtocol.EXPORT_NAME_ZEROES);
        } catch (EOFException _) {
            throw new NbdRefusal(
                    Reason.OTHER, "the server closed the connection instead of opening the export");
        }
    }

    /**
     * Sends an option and takes its replies.
     *
     * @return type of the final one: ACK or an error that has a fallback
     */
    private int ask(int option, byte[] data) throws IOException {
        send(option, data);
        for (int count = 0; count < MAXIMUM_REPLIES; count++) {
            ByteBuffer header = input.require(20);
            if (header.getLong() != NbdProtocol.OPTION_REPLY_MAGIC || header.getInt() != option) {
                throw new ProtocolException("the reply is not one to option " + option);
            }
            int type = header.getInt();
            int length = header.getInt();
            if (length < 0 || length > MAXIMUM_OPTION) {
                throw new ProtocolException("the reply to option " + option + " is too long");
            }
            byte[] content = input.bytes(length);
            if (type == REP_ACK) {
                return type;
            } else if (type < 0) { // bit 31: an error
                if (option == OPT_GO && type != REP_ERR_UNSUP) {
                    throw refusal(type, content);
                }
                return type;
            } else if (type == REP_INFO && option == OPT_GO) {
                information(ByteBuffer.wrap(content));
            } else if (type == REP_META_CONTEXT && option == OPT_SET_META_CONTEXT) {
                selected(ByteBuffer.wrap(content));
            } else {
                throw new ProtocolException("unexpected reply to option " + option);
            }
        }
        throw new ProtocolException("too many replies to option " + option);
    }

    private NbdRefusal refusal(int type, byte[] message) throws IOException {
        send(OPT_ABORT, new byte[0]); // the protocol wants a polite end
        String text = ProtocolText.printable(message);
        return new NbdRefusal(
                NbdErrno.reason(type),
                "the server refused the export" + (text.isEmpty() ? "" : ": " + text));
    }

    private void information(ByteBuffer content) throws ProtocolException {
        int type = content.remaining() < 2 ? -1 : Short.toUnsignedInt(content.getShort());
        if (type == NbdProtocol.INFO_EXPORT && content.remaining() == 10) {
            size = content.getLong();
            flags = Short.toUnsignedInt(content.getShort());
        } else if (type == NbdProtocol.INFO_BLOCK_SIZE && content.remaining() == 12) {
            blockSizes(content.getInt(), content.getInt(), content.getInt());
        } else if (type < 0
                || type == NbdProtocol.INFO_EXPORT
                || type == NbdProtocol.INFO_BLOCK_SIZE) {
            throw new ProtocolException("malformed information about the export");
        }
    }

    private void blockSizes(int minimum, int preferred, int maximum) throws ProtocolException {
        long most = Integer.toUnsignedLong(maximum);
        if (Integer.bitCount(minimum) != 1
                || minimum < 1
                || minimum > 64 * 1024
                || preferred < minimum
                || most < minimum) {
            throw new ProtocolException("the server announced impossible block sizes");
        }
        minimumBlock = minimum;
        long payload = Math.min(most, NbdProtocol.DEFAULT_MAXIMUM_PAYLOAD);
        maximumPayload = (int) (payload - payload % minimum);
    }

    private void selected(ByteBuffer content) throws ProtocolException {
        if (content.remaining() < 4) {
            throw new ProtocolException("malformed metadata context");
        }
        long id = Integer.toUnsignedLong(content.getInt());
        byte[] text = new byte[content.remaining()];
        content.get(text);
        if (new String(text, StandardCharsets.UTF_8).equals(BASE_ALLOCATION)) {
            context = id;
        }
    }

    private byte[] contextQuery() {
        byte[] query = BASE_ALLOCATION.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(12 + name.length + query.length)
                .putInt(name.length)
                .put(name)
                .putInt(1)
                .putInt(query.length)
                .put(query)
                .array();
    }

    private byte[] goRequest() {
        return ByteBuffer.allocate(8 + name.length)
                .putInt(name.length)
                .put(name)
                .putShort((short) 1)
                .putShort((short) NbdProtocol.INFO_BLOCK_SIZE)
                .array();
    }

    private void send(int option, byte[] data) throws IOException {
        ByteBuffer bytes = direct(16 + data.length);
        bytes.putLong(NbdProtocol.OPTION_MAGIC).putInt(option).putInt(data.length).put(data);
        wire.write(bytes.flip());
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }
}
