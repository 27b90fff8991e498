package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.TransportDefaults;
import io.virtman.messaging.wire.MalformedMessageException.Salvage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Turns messages into bytes and back. Any thread.
 *
 * <p>What is written equals what {@code python3-oslo.messaging} writes, as JSON. What is read may
 * be anything: it is bounded, and the only error is {@link MalformedMessageException}. Bounds: the
 * bytes, before and after decompression; 200 levels of nesting; 1000 digits of a number; 1000
 * characters of a name; 2 million names and values.
 *
 * <p>Only content type {@code application/json} is read. Kombu ({@code kombu/serialization.py},
 * {@code loads}) hands any other, and none at all, to oslo.messaging as undecoded text, which fails
 * there. The content encoding is ignored by both: JSON is UTF-8.
 */
public final class MessageCodec {
    /** How far a bad message is searched for somewhere to send an answer to. */
    private static final long SALVAGE_BYTES = 128L << 20;

    /** The same, for what comes out of a compressed body, in times of what is allowed. */
    private static final long SALVAGE_TIMES = 4;

    private static final String CONTENT_TYPE = "application/json";
    private static final String CONTENT_ENCODING = "utf-8";

    private final int maximumBytes;
    private final @Nullable Compression compression;

    /**
     * A codec that does not compress what it writes.
     *
     * @param maximumBytes the longest body that is read, before and after decompression; at least 1
     */
    public MessageCodec(int maximumBytes) {
        this(maximumBytes, null);
    }

    /**
     * A codec for a transport of that configuration.
     *
     * @param maximumBytes the longest body that is read, before and after decompression; at least 1
     */
    public static MessageCodec of(int maximumBytes, TransportDefaults defaults) {
        String name = defaults.compression();
        return new MessageCodec(maximumBytes, name == null ? null : Compression.named(name));
    }

    /**
     * A codec that compresses what it writes, however short it is, as kombu does.
     *
     * @param maximumBytes the longest body that is read, before and after decompression; at least 1
     * @param compression of what is written, {@code kombu_compression}; null for none
     */
    public MessageCodec(int maximumBytes, @Nullable Compression compression) {
        if (maximumBytes < 1) {
            throw new IllegalArgumentException("at least one byte, not " + maximumBytes);
        }
        this.maximumBytes = maximumBytes;
        this.compression = compression;
    }

    /**
     * A request; calls expire when the caller has stopped waiting, casts (null) never do.
     *
     * @throws IllegalArgumentException when an argument is no JSON: NaN, or too deep
     */
    public Message encode(RpcRequest request, @Nullable Duration expiration) {
        return message(Envelope.seal(output -> RequestFormat.write(output, request)), expiration);
    }

    /**
     * A reply, in the envelope.
     *
     * @throws IllegalArgumentException when the result is no JSON: NaN, or too deep
     */
    public Message encode(RpcReply reply) {
        return message(Envelope.seal(output -> ReplyFormat.write(output, reply)), null);
    }

    /**
     * A notification in the envelope, as the driver {@code messagingv2} sends it. The context is
     * written as it is: see {@link RequestContext#redactedForNotification}.
     *
     * @throws IllegalArgumentException when the payload is no JSON: NaN, or too deep
     */
    public Message encode(NotificationMessage notification) {
        return message(
                Envelope.seal(output -> NotificationFormat.write(output, notification)), null);
    }

    /**
     * A notification without envelope, format 1.0, as the driver {@code messaging} sends it.
     *
     * @throws IllegalArgumentException when the payload is no JSON: NaN, or too deep
     */
    public Message encodeWithoutEnvelope(NotificationMessage notification) {
        return message(Json.bytes(output -> NotificationFormat.write(output, notification)), null);
    }

    private Message message(byte[] body, @Nullable Duration expiration) {
        return compression == null
                ? new Message(body, CONTENT_TYPE, CONTENT_ENCODING, null, expiration)
                : new Message(
                        compression.compress(body),
                        CONTENT_TYPE,
                        CONTENT_ENCODING,
                        compression.header(),
                        expiration);
    }

    /**
     * Reads what was sent to a server.
     *
     * @throws MalformedMessageException when it is no request
     */
    public RpcRequest decodeRequest(Message message) {
        return decode(message, Envelope.Rule.REQUIRED, RequestFormat::read);
    }

    /**
     * Reads what came for a caller. A reply without {@code _unique_id} is given a fresh one.
     *
     * @throws MalformedMessageException when it is no reply
     */
    public RpcReply decodeReply(Message message) {
        return decode(message, Envelope.Rule.REQUIRED, ReplyFormat::read);
    }

    /**
     * Reads a notification, with or without envelope. Members that Python's listener does not need
     * are empty when they are missing.
     *
     * @throws MalformedMessageException when it is none
     */
    public NotificationMessage decodeNotification(Message message) {
        return decode(message, Envelope.Rule.OPTIONAL, NotificationFormat::read);
    }

    /** Reads the inner message. */
    @FunctionalInterface
    private interface Format<T> {
        T read(ObjectNode inner) throws FormatException;
    }

    private <T> T decode(Message message, Envelope.Rule rule, Format<T> format) {
        try {
            return format.read(Envelope.open(plain(message), rule));
        } catch (FormatException e) {
            throw new MalformedMessageException(String.valueOf(e.getMessage()), salvage(message));
        }
    }

    private byte[] plain(Message message) throws FormatException {
        if (message.body().length > maximumBytes) {
            throw new FormatException("longer than " + maximumBytes + " bytes");
        }
        if (!CONTENT_TYPE.equals(message.contentType())) {
            throw new FormatException("content type is not " + CONTENT_TYPE);
        }
        if (!isCompressed(message)) {
            return message.body();
        }
        return compression(message).decompress(message.body(), maximumBytes);
    }

    private static boolean isCompressed(Message message) {
        return message.compression() != null && !message.compression().isEmpty();
    }

    private static Compression compression(Message message) throws FormatException {
        try {
            return Compression.named(String.valueOf(message.compression()));
        } catch (IllegalArgumentException e) {
            throw new FormatException(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Salvage salvage(Message message) {
        if (!isCompressed(message)) {
            return SalvageScanner.scan(new ByteArrayInputStream(message.body()), SALVAGE_BYTES);
        }
        try (InputStream stream = compression(message).open(message.body())) {
            return SalvageScanner.scan(
                    stream, Math.min(SALVAGE_BYTES, SALVAGE_TIMES * maximumBytes));
        } catch (IOException | FormatException | RuntimeException e) {
            return null; // cannot be decompressed, so that nothing is known of it
        }
    }
}
