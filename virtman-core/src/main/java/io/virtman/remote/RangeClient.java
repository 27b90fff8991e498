package io.virtman.remote;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks an HTTP server for parts of one file, and believes nothing it says: status, range, lengths
 * and the entity's tag are checked. Redirects are not followed: the headers are meant for this
 * server. Safe for many threads.
 */
final class RangeClient implements Closeable {
    private static final Pattern CONTENT_RANGE =
            Pattern.compile("bytes +([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");
    private static final int PARTIAL = 206;

    private final RemoteFile file;
    private final FetchLimits limits;
    private final HttpClient http;
    private final AtomicReference<String> tag = new AtomicReference<>("");
    private final AtomicLong bytesIn = new AtomicLong();

    RangeClient(RemoteFile file, FetchLimits limits) {
        this.file = file;
        this.limits = limits;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(limits.connect())
                        .build();
    }

    /**
     * Refuses headers that can't be sent.
     *
     * @throws ProblemException INVALID; it names the header, never its value
     */
    static void requireHeaders(Map<String, String> headers) {
        headers.forEach((name, value) -> {
            try {
                var _ = HttpRequest.newBuilder().header(name, value);
            } catch (IllegalArgumentException e) {
                throw new ProblemException(
                        Kind.INVALID,
                        "headers",
                        "one can't be sent with a request",
                        "give header names and values of printable characters, as X-Auth-Token");
            }
        });
    }

    /** Bytes of bodies received. */
    long bytesIn() {
        return bytesIn.get();
    }

    /**
     * A part of the file.
     *
     * @throws Refusal when asking again would not help
     * @throws IOException when it may
     */
    byte[] range(long offset, int length, Map<String, String> headers) throws IOException {
        HttpRequest request =
                request(headers)
                        .header("Range", "bytes=" + offset + "-" + (offset + length - 1))
                        .build();
        HttpResponse<byte[]> response =
                exchange(
                        request,
                        info ->
                                info.statusCode() == PARTIAL
                                        ? BodySubscribers.limiting(
                                                BodySubscribers.ofByteArray(), length)
                                        : new Unread());
        requireStatus(response.statusCode(), true);
        requireRange(response.headers(), offset, length);
        requireTag(response.headers());
        bytesIn.addAndGet(response.body().length);
        if (response.body().length != length) {
            throw new IOException(
                    "the server sent " + response.body().length + " bytes of " + length);
        }
        return response.body();
    }

    /**
     * The whole file from its beginning; the caller closes it, and sees to it that no read waits
     * for ever.
     */
    InputStream whole(Map<String, String> headers) throws IOException {
        HttpResponse<InputStream> response =
                exchange(request(headers).build(), BodyHandlers.ofInputStream());
        try {
            requireStatus(response.statusCode(), false);
            long announced = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            requireLength(announced < 0 ? file.length() : announced);
            requireTag(response.headers());
            return response.body();
        } catch (IOException e) {
            response.body().close();
            throw e;
        }
    }

    /** Takes note of bytes read from {@link #whole}. */
    void received(int count) {
        bytesIn.addAndGet(count);
    }

    private HttpRequest.Builder request(Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(file.url()).GET().timeout(limits.request());
        headers.forEach(request::setHeader);
        return request;
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> handler)
            throws IOException {
        CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, handler);
        try {
            return answer.get(limits.request().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the server broke off: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(
                    "the server did not answer within " + limits.request().toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while asking the server");
        } finally {
            answer.cancel(true); // does nothing to one that is complete
        }
    }

    /** The body of an answer that is none of ours: ends the connection, whatever its length. */
    private static final class Unread implements BodySubscriber<byte[]> {
        @Override
        public CompletionStage<byte[]> getBody() {
            return CompletableFuture.completedFuture(new byte[0]);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
        }

        @Override
        public void onNext(List<ByteBuffer> item) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    private static void requireStatus(int status, boolean range) throws IOException {
        if (status == (range ? PARTIAL : 200)) {
            return;
        }
        if (range && status == 200) {
            throw new Refusal(Refusal.Kind.NO_RANGES, "the server gives whole files only");
        }
        switch (status) {
            case 401, 403 ->
                    throw new Refusal(
                            Refusal.Kind.CREDENTIAL,
                            "the server refused the credential (status " + status + ")");
            case 204, 404, 410 ->
                    throw new Refusal(
                            Refusal.Kind.LOST, "deleted at its source (status " + status + ")");
            case 416 -> throw new Refusal(Refusal.Kind.LOST, "shorter at its source than said");
            case 408, 425, 429 -> throw new IOException("the server answered status " + status);
            default -> {
                if (status >= 500) {
                    throw new IOException("the server answered status " + status);
                }
                // 400 is the answer of some to a range of what they can't seek in
                throw new Refusal(
                        range && status == 400 ? Refusal.Kind.NO_RANGES : Refusal.Kind.LOST,
                        "the server answered status " + status);
            }
        }
    }

    private void requireRange(HttpHeaders headers, long offset, int length) throws IOException {
        Matcher range = CONTENT_RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        if (!range.matches()) {
            throw new Refusal(Refusal.Kind.USELESS, "the server does not say which part it sent");
        }
        if (!range.group(3).equals("*")) {
            requireLength(Long.parseLong(range.group(3)));
        }
        if (Long.parseLong(range.group(1)) != offset
                || Long.parseLong(range.group(2)) != offset + length - 1) {
            throw new Refusal(
                    Refusal.Kind.USELESS, "the server sent another part than was asked for");
        }
    }

    private void requireLength(long length) throws Refusal {
        if (length != file.length()) {
            throw new Refusal(
                    Refusal.Kind.LOST,
                    "has " + length + " bytes at its source, not " + file.length());
        }
    }

    private void requireTag(HttpHeaders headers) throws Refusal {
        String now = headers.firstValue("ETag").orElse("");
        if (!now.isEmpty() && !tag.compareAndSet("", now) && !now.equals(tag.get())) {
            throw new Refusal(Refusal.Kind.LOST, "changed at its source while it was imported");
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
