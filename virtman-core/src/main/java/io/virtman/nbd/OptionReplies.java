package io.virtman.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Sends option replies (section "Fixed newstyle negotiation"). For one thread. */
final class OptionReplies {
    /** Room for the largest reply: two strings' worth. */
    static final int BUFFER = 2 * NbdProtocol.MAXIMUM_STRING + 64;

    private final Wire wire;
    private final ByteBuffer buffer;

    /**
     * @param buffer direct, of at least {@link #BUFFER} bytes
     */
    OptionReplies(Wire wire, ByteBuffer buffer) {
        this.wire = wire;
        this.buffer = buffer;
    }

    void acknowledge(int option) throws IOException {
        send(option, NbdProtocol.REP_ACK, new byte[0]);
    }

    void error(int option, int type, String message) throws IOException {
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        send(option, type, Arrays.copyOf(text, Math.min(text.length, NbdProtocol.MAXIMUM_STRING)));
    }

    void send(int option, int type, byte[] data) throws IOException {
        buffer.clear().putLong(NbdProtocol.OPTION_REPLY_MAGIC);
        buffer.putInt(option).putInt(type).putInt(data.length).put(data);
        wire.write(buffer.flip());
    }

    /** Sends {@code number} followed by {@code text}. */
    void send(int option, int type, int number, byte[] text) throws IOException {
        buffer.clear().putLong(NbdProtocol.OPTION_REPLY_MAGIC);
        buffer.putInt(option).putInt(type).putInt(4 + text.length).putInt(number).put(text);
        wire.write(buffer.flip());
    }
}
