package io.virtman.cinder.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.notify.UsageNotices;
import io.virtman.cinder.rpc.RequestTimes;
import io.virtman.rest.RestServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    private final RequestTimes times = new RequestTimes();
    private boolean leads = true;
    private final MetricsPage page =
            new MetricsPage(times, () -> 3, () -> leads, () -> new UsageNotices.Figures(5, 2));

    @Test
    void saysWhatIsGoingOn() {
        assertThat(page.metrics())
                .contains("virtman_cinder_leads 1\n")
                .contains("virtman_cinder_requests_running 3\n")
                .contains("virtman_cinder_notifications_total{result=\"sent\"} 5\n")
                .contains("virtman_cinder_notifications_total{result=\"failed\"} 2\n");
    }

    /** As Prometheus wants them: each bucket holds those before it, the last one all. */
    @Test
    void timesAreAHistogram() {
        times.add("create_volume", Duration.ofMillis(5).toNanos(), false);
        times.add("create_volume", Duration.ofMinutes(2).toNanos(), true);
        String name = "virtman_cinder_request_seconds";
        assertThat(page.metrics())
                .contains("# TYPE " + name + " histogram\n")
                .contains(name + "_bucket{method=\"create_volume\",le=\"0.001\"} 0\n")
                .contains(name + "_bucket{method=\"create_volume\",le=\"0.005\"} 1\n")
                .contains(name + "_bucket{method=\"create_volume\",le=\"60.0\"} 1\n")
                .contains(name + "_bucket{method=\"create_volume\",le=\"+Inf\"} 2\n")
                .contains(name + "_sum{method=\"create_volume\"} 120.005000\n")
                .contains(name + "_count{method=\"create_volume\"} 2\n")
                .contains("virtman_cinder_request_failures_total{method=\"create_volume\"} 1\n");
    }

    @Test
    void aStandbyIsNotHealthy() throws Exception {
        try (RestServer server =
                RestServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        List.of(page))) {
            assertThat(health(server)).isEqualTo("200 leading\n");
            leads = false;
            assertThat(health(server)).isEqualTo("503 standing by\n");
        }
        assertThat(page.metrics()).contains("virtman_cinder_leads 0\n");
    }

    private static String health(RestServer server) throws Exception {
        URI url = URI.create("http://127.0.0.1:" + server.port() + "/healthz");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }
}
