package io.virtman.stories;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What VirtMan's services tell Prometheus, and the rest of their REST API that only reads. */
final class Metrics {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .connectTimeout(LIMIT)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build();

    private Metrics() {}

    /** The sum of a metric over its labels; 0 when the service has none of that name. */
    static long value(URI service, String name) {
        return get(service, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** The body of an answer with status 200. */
    static String get(URI service, String path) {
        try {
            HttpResponse<String> response =
                    HTTP.send(
                            HttpRequest.newBuilder(service.resolve(path)).timeout(LIMIT).build(),
                            HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError(service.resolve(path) + ": " + response.statusCode());
            }
            return response.body();
        } catch (IOException e) {
            throw new AssertionError(service.resolve(path) + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
