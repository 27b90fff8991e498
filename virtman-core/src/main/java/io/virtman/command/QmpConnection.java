package io.virtman.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One conversation in the QEMU machine protocol over a Unix socket: greeting, capabilities, then
 * commands one at a time. What the other side sends is bounded and checked; events are skipped. All
 * of it together has one time limit. One thread.
 */
final class QmpConnection implements Closeable {
    private static final int LONGEST_LINE = 1 << 20;
    private static final int DEEPEST = 16;
    private static final JsonMapper JSON = mapper();

    private final SocketChannel channel;
    private final Selector selector;
    private final Duration timeout;
    private final long deadline;
    private final ByteBuffer received = ByteBuffer.allocate(8192).flip();
    private long lastId;

    private QmpConnection(SocketChannel channel, Selector selector, Duration timeout) {
        this.channel = channel;
        this.selector = selector;
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
    }

    private static JsonMapper mapper() {
        JsonMapper mapper =
                JsonMapper.builder()
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build();
        mapper.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build());
        return mapper;
    }

    /**
     * Connects and negotiates.
     *
     * @param timeout for the whole conversation
     */
    static QmpConnection open(Path socket, Duration timeout) throws IOException {
        Selector selector = Selector.open();
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket)); // never waits: local
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            QmpConnection connection = new QmpConnection(channel, selector, timeout);
            JsonNode greeting = connection.receive();
            if (!greeting.path("QMP").path("version").isObject()) {
                throw new IOException(socket + " does not greet as a QEMU monitor");
            }
            var _ = connection.execute("qmp_capabilities");
            return connection;
        } catch (IOException | RuntimeException e) {
            selector.close();
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    /**
     * Executes a command without arguments.
     *
     * @return what it returned
     * @throws IOException when it was refused, with QEMU's own words
     */
    JsonNode execute(String command) throws IOException {
        long id = ++lastId;
        send(JSON.createObjectNode().put("execute", command).put("id", id).toString());
        JsonNode answer = receive();
        while (answer.has("event")) {
            answer = receive();
        }
        if (answer.path("error").isObject()) {
            throw new IOException(
                    command + " was refused: " + answer.path("error").path("desc").asText("?"));
        }
        if (!answer.has("return") || answer.path("id").asLong(-1) != id) {
            throw new IOException("no answer to " + command);
        }
        return answer.get("return");
    }

    private void send(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                throw new IOException("the monitor takes no commands"); // they fit any buffer
            }
        }
    }

    private JsonNode receive() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (received.hasRemaining()) {
                byte next = received.get();
                if (next == '\n') {
                    return parse(line.toByteArray());
                }
                if (line.size() == LONGEST_LINE) {
                    throw new IOException("the monitor sends a line without end");
                }
                line.write(next);
            }
            fill();
        }
    }

    private static JsonNode parse(byte[] line) throws IOException {
        try {
            JsonNode node = JSON.readTree(line);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw new IOException("the monitor sends no JSON", e);
        }
        throw new IOException("the monitor sends no JSON object");
    }

    private void fill() throws IOException {
        while (true) {
            long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (left <= 0) {
                throw new SocketTimeoutException("no answer within " + timeout.toMillis() + " ms");
            }
            received.clear();
            int count = channel.read(received);
            received.flip();
            if (count > 0) {
                return;
            }
            if (count < 0) {
                throw new EOFException("the monitor hung up");
            }
            selector.select(left);
            selector.selectedKeys().clear();
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while QEMU was asked");
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }
}
