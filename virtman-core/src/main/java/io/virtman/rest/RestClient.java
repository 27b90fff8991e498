package io.virtman.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Calls one of our REST services. Each call blocks until the whole answer is there or its time is
 * over. All errors are {@link ProblemException}: the service's own, or UNAVAILABLE when it cannot
 * be reached. Safe for use by many threads; all clients share their connections.
 */
public final class RestClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final int LARGEST_ANSWER = 64 << 20;
    private static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .build();

    private final String base;
    private final Duration timeout;

    /**
     * @param base URL of the service, without a path
     * @param timeout for each call as a whole
     */
    public RestClient(URI base, Duration timeout) {
        this.base = base.toString().replaceFirst("/+$", "");
        this.timeout = timeout;
    }

    /** Reads an object. */
    public <T> T get(String path, Class<T> type) {
        return parse(path, send("GET", path, null), type);
    }

    /** Reads an array. */
    @SuppressWarnings("unchecked") // the array type of T is T[]
    public <T> List<T> getList(String path, Class<T> element) {
        return List.of(parse(path, send("GET", path, null), (Class<T[]>) element.arrayType()));
    }

    /** Sends an object and reads one. */
    public <T> T post(String path, Object body, Class<T> type) {
        return parse(path, send("POST", path, body), type);
    }

    /** Puts an object and reads one. */
    public <T> T put(String path, Object body, Class<T> type) {
        return parse(path, send("PUT", path, body), type);
    }

    /** Puts nothing and reads an object. */
    public <T> T put(String path, Class<T> type) {
        return parse(path, send("PUT", path, null), type);
    }

    /** Puts an object; the answer, if any, is ignored. */
    public void put(String path, Object body) {
        send("PUT", path, body);
    }

    /** Deletes, and reads an object. */
    public <T> T delete(String path, Class<T> type) {
        return parse(path, send("DELETE", path, null), type);
    }

    /** Deletes. */
    public void delete(String path) {
        send("DELETE", path, null);
    }

    /** One segment of a path, encoded whatever it holds. */
    public static String segment(String text) {
        String encoded = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
        // a segment of dots would be taken for a step up
        return encoded.matches("\\.+") ? encoded.replace(".", "%2E") : encoded;
    }

    private byte[] send(String method, String path, @Nullable Object body) {
        HttpResponse<byte[]> response = exchange(request(method, path, body));
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return response.body();
        }
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (type.startsWith(Problem.MEDIA_TYPE)) {
            Problem problem = parse(path, response.body(), Problem.class);
            throw problem.exception(null);
        }
        throw new ProblemException(
                Problem.kind(status),
                base + path,
                "answered with status " + status,
                "check that this is the address of a VirtMan service");
    }

    private HttpRequest request(String method, String path, @Nullable Object body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
            if (body == null) {
                return request.method(method, BodyPublishers.noBody()).build();
            }
            return request.method(
                            method, BodyPublishers.ofByteArray(Json.STRICT.writeValueAsBytes(body)))
                    .header("Content-Type", "application/json")
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    Kind.INVALID, "url", base + " is not a URL", "write http://HOST:PORT", e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that is no JSON", e);
        }
    }

    private HttpResponse<byte[]> exchange(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> answer =
                HTTP.sendAsync(
                        request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_ANSWER));
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            boolean refused = e.getCause() instanceof ConnectException;
            throw unavailable(
                    refused ? "cannot be reached" : "broke off: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw unavailable("did not answer within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("was not waited for: interrupted", e);
        } finally {
            answer.cancel(true); // does nothing to one that is complete
        }
    }

    private ProblemException unavailable(String detail, @Nullable Throwable cause) {
        return new ProblemException(
                Kind.UNAVAILABLE,
                base,
                detail,
                "check that the service runs there and that this host may reach it",
                cause);
    }

    private <T> T parse(String path, byte[] body, Class<T> type) {
        try {
            @Nullable T value = Json.LENIENT.readValue(body, type);
            if (value != null) {
                return value;
            }
            throw new ProblemException(
                    Kind.FAILED, base + path, "answered with nothing", "check its log");
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.FAILED,
                    base + path,
                    "answered with what is not expected there",
                    "check that this is the address of a VirtMan service of this version",
                    e);
        }
    }
}
