package io.virtman.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.virtman.rest.RestServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An HTTP server with one file, which misbehaves as told. */
public final class FakeImageServer implements AutoCloseable {
    static {
        // The JDK's server reads its settings once, whoever comes first: let those be ours.
        try {
            Class.forName(RestServer.class.getName());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** What it serves. */
    public volatile byte[] content;

    /** Whether it gives parts. */
    public volatile boolean ranges = true;

    /** The token it asks for; empty for none. */
    public volatile String token = "";

    /** What it answers to everything; 0 for what is right. */
    public volatile int status;

    /** The file's tag; empty for none. */
    public volatile String tag = "";

    /** Whether it says of each part that it is another one. */
    public volatile boolean wrongRanges;

    /** How often it answered {@link #status}. */
    public final AtomicInteger refusals = new AtomicInteger();

    /** How many of the next answers break off in the middle. */
    public final AtomicInteger truncations = new AtomicInteger();

    /** Ranges asked for and answered, as {@code first-last}. */
    public final List<String> answered = new CopyOnWriteArrayList<>();

    public FakeImageServer(byte[] content) throws IOException {
        this.content = content;
        this.server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v2/images/1/file";
    }

    /** The hash of what it serves now. */
    public String sha512() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            return HexFormat.of().formatHex(digest.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String given = exchange.getRequestHeaders().getFirst("X-Auth-Token");
            if (!token.isEmpty() && !token.equals(given)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            int refusal = status;
            if (refusal != 0) {
                refusals.incrementAndGet();
                exchange.sendResponseHeaders(refusal, -1);
                return;
            }
            if (!tag.isEmpty()) {
                exchange.getResponseHeaders().add("ETag", tag);
            }
            byte[] all = content;
            String range = exchange.getRequestHeaders().getFirst("Range");
            Matcher part = RANGE.matcher(range == null ? "" : range);
            int first = 0;
            int last = all.length - 1;
            boolean partial = ranges && part.matches();
            if (partial) {
                first = Integer.parseInt(part.group(1));
                last = Math.min(Integer.parseInt(part.group(2)), last);
                int said = wrongRanges ? first + 1 : first;
                exchange.getResponseHeaders()
                        .add("Content-Range", "bytes " + said + "-" + last + "/" + all.length);
            }
            int length = last - first + 1;
            exchange.sendResponseHeaders(partial ? 206 : 200, length);
            try (OutputStream body = exchange.getResponseBody()) {
                if (truncations.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    body.write(all, first, length / 2);
                    body.flush();
                    return;
                }
                body.write(all, first, length);
            }
            answered.add(first + "-" + last);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
