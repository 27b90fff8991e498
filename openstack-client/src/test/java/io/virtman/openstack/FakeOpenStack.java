package io.virtman.openstack;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.virtman.openstack.http.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** All services on one port, with recorded answers, and with failures when a test wants them. */
final class FakeOpenStack implements AutoCloseable {
    static final String LOGIN = "/v3/auth/tokens";
    static final String PROJECT = "f3348c4ed2fb4d0e99182d7b33f25296";

    /** What was asked. */
    record Asked(
            String method,
            String path,
            String token,
            String body,
            String microversion,
            String subject) {}

    /** What to answer; {@code hangs} holds back the last byte until the server closes. */
    record Reply(int status, String body, boolean hangs) {
        /** The request is taken, and the connection ends. */
        static final Reply LOST = new Reply(-1, "", false);

        static Reply of(int status) {
            return new Reply(status, "{}", false);
        }

        static Reply ok(String body) {
            return new Reply(200, body, false);
        }
    }

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    final AtomicInteger logins = new AtomicInteger();
    volatile Duration lifetime = Duration.ofHours(1);
    volatile Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    volatile CountDownLatch loginGate = new CountDownLatch(0);
    volatile String catalogue = recorded("login.json");
    volatile @Nullable String location;

    private final Map<String, Queue<Reply>> once = new ConcurrentHashMap<>();
    private final Map<String, Reply> always = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    FakeOpenStack() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    static String recorded(String name) {
        try (InputStream in = FakeOpenStack.class.getResourceAsStream("/recorded/" + name)) {
            return new String(
                    Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Answers that path so, always. */
    void serve(String path, String body) {
        always.put(path, Reply.ok(body));
    }

    void serve(String path, Reply reply) {
        always.put(path, reply);
    }

    /** Answers that path so, once, before anything else. */
    void next(String path, Reply reply) {
        once.computeIfAbsent(path, _ -> new ConcurrentLinkedQueue<>()).add(reply);
    }

    long count(String path) {
        return asked.stream().filter(each -> each.path.equals(path)).count();
    }

    static KeystoneSettings.Password password() {
        return new KeystoneSettings.Password("cinder", "s3cr3t", "Default", "service", "Default");
    }

    KeystoneSettings settings() {
        return KeystoneSettings.of(url(), password());
    }

    /** Many small pauses; patient, since a busy machine is no failure. */
    static Limits quick() {
        return new Limits(
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                3,
                Duration.ofMillis(1),
                64 << 10);
    }

    ServiceSession session() {
        return new ServiceSession(settings(), quick());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            asked.add(
                    new Asked(
                            exchange.getRequestMethod(),
                            path,
                            header(exchange, "X-Auth-Token"),
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8),
                            header(exchange, "OpenStack-API-Version"),
                            header(exchange, "X-Subject-Token")));
            exchange.getResponseHeaders().set("x-openstack-request-id", "req-0a1b-2c");
            Queue<Reply> first = once.get(path);
            Reply reply = first == null ? null : first.poll();
            if (reply == null && path.equals(LOGIN)) {
                reply = login(exchange);
            }
            send(exchange, reply == null ? always.getOrDefault(path, Reply.of(404)) : reply);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
    }

    private Reply login(HttpExchange exchange) throws InterruptedException {
        int number = logins.incrementAndGet();
        loginGate.await();
        exchange.getResponseHeaders().set("X-Subject-Token", "token-" + number);
        return new Reply(
                201,
                catalogue
                        .replaceAll("http://127.0.0.1:\\d+", url().toString())
                        .replaceAll(
                                "(\"expires_at\": )\"[^\"]*\"", "$1\"" + now.plus(lifetime) + "\"")
                        .replaceAll("(\"issued_at\": )\"[^\"]*\"", "$1\"" + now + "\""),
                false);
    }

    private void send(HttpExchange exchange, Reply reply) throws IOException, InterruptedException {
        if (reply.status < 0) {
            return;
        }
        byte[] body = reply.body.getBytes(StandardCharsets.UTF_8);
        String redirect = location;
        if (redirect != null && reply.status / 100 == 3) {
            exchange.getResponseHeaders().set("Location", redirect);
        }
        exchange.sendResponseHeaders(reply.status, body.length + (reply.hangs ? 1 : 0));
        exchange.getResponseBody().write(body);
        if (reply.hangs) {
            exchange.getResponseBody().flush();
            closed.await();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        loginGate.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
