package io.virtman.openstack.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Calls over HTTP/1.1, within {@link Limits}. Never follows a redirect, since that would hand the
 * token to whom it names. Thread-safe.
 */
public final class Http implements AutoCloseable {
    private final HttpClient client;
    private final Limits limits;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Opens nothing yet.
     *
     * @param tls whom to trust; null for those that the JDK trusts
     */
    public Http(Limits limits, @Nullable SSLContext tls) {
        this.limits = limits;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(limits.connect())
                        .executor(Executors.newVirtualThreadPerTaskExecutor());
        this.client = (tls == null ? builder : builder.sslContext(tls)).build();
    }

    /** What a call may cost here. */
    public Limits limits() {
        return limits;
    }

    /**
     * Makes a call; blocks for at most {@link Limits#total}.
     *
     * @throws OpenStackException when the status is 300 or more, or there is none
     */
    public Answer send(Call call) {
        long deadline = System.nanoTime() + limits.total().toNanos();
        Duration pause = limits.pause();
        for (int attempt = 1; ; attempt++, pause = pause.multipliedBy(2)) {
            try {
                return attempt(call, deadline);
            } catch (OpenStackException.Unavailable e) {
                long left = deadline - System.nanoTime() - pause.toNanos();
                if (!call.repeatable()
                        || attempt == limits.attempts()
                        || left <= 0
                        || Thread.currentThread().isInterrupted()
                        || closedWithin(pause)) {
                    throw e;
                }
            }
        }
    }

    private boolean closedWithin(Duration pause) {
        try {
            return closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private Answer attempt(Call call, long deadline) {
        long nanos = Math.min(limits.attempt().toNanos(), deadline - System.nanoTime());
        CompletableFuture<HttpResponse<Optional<byte[]>>> pending;
        try {
            pending =
                    client.sendAsync(
                            request(call), head -> new BoundedBody(longest(head.statusCode())));
        } catch (IllegalArgumentException _) {
            throw new OpenStackException.Unexpected(call + ": not a URL to call");
        }
        try {
            return answer(call, pending.get(Math.max(nanos, 1), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw new OpenStackException.Unavailable(call + ": no answer in time", e);
        } catch (ExecutionException e) {
            throw failure(call, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OpenStackException.Unavailable(call + ": interrupted", e);
        } finally {
            // Ends the exchange when it isn't over, also in the middle of a body.
            pending.cancel(true);
        }
    }

    private int longest(int status) {
        int bytes = limits.answerBytes();
        return status >= 300 ? Math.min(bytes, ErrorReason.BODY_BYTES) : bytes;
    }

    private static OpenStackException failure(Call call, @Nullable Throwable cause) {
        String how =
                switch (cause) {
                    case HttpTimeoutException _ -> "cannot connect in time";
                    case IOException e -> e.getClass().getSimpleName();
                    case null, default -> "failed";
                };
        return new OpenStackException.Unavailable(call + ": " + how, cause);
    }

    private static HttpRequest request(Call call) {
        String body = call.body();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(call.url())
                        .method(
                                call.method(),
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body))
                        .setHeader("Accept", "application/json")
                        .setHeader("User-Agent", "virtman");
        if (body != null) {
            request.setHeader("Content-Type", "application/json");
        }
        call.headers().forEach(request::setHeader);
        return request.build();
    }

    private Answer answer(Call call, HttpResponse<Optional<byte[]>> response) {
        int status = response.statusCode();
        if (status >= 300) {
            throw OpenStackException.ofStatus(
                    status,
                    call + ": " + status + requestId(response),
                    ErrorReason.of(call, response.body()));
        }
        byte[] body =
                response.body()
                        .orElseThrow(() ->
                                new OpenStackException.Unexpected(
                                        call
                                                + ": the answer is longer than "
                                                + limits.answerBytes()
                                                + " bytes"));
        return new Answer(status, response.headers(), new String(body, StandardCharsets.UTF_8));
    }

    /** For finding it in the server's log; whatever doesn't look like one is left out. */
    private static String requestId(HttpResponse<?> response) {
        return response.headers()
                .firstValue("x-openstack-request-id")
                .filter(id -> id.matches("req-[0-9a-f-]{1,64}"))
                .map(id -> ", " + id)
                .orElse("");
    }

    /** Ends calls under way; they fail as unavailable. */
    @Override
    public void close() {
        closed.countDown();
        client.shutdownNow();
    }
}
