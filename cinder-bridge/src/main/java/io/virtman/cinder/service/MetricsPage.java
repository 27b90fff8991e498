package io.virtman.cinder.service;

import io.virtman.cinder.notify.UsageNotices;
import io.virtman.cinder.rpc.RequestTimes;
import io.virtman.cinder.rpc.RequestTimes.Figures;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The bridge's figures for Prometheus, text format 0.0.4, and whether it leads. */
@Path("/")
public final class MetricsPage {
    private static final double NANOSECONDS = 1e9;

    private final RequestTimes times;
    private final LongSupplier running;
    private final BooleanSupplier leads;
    private final Supplier<UsageNotices.Figures> notices;

    /**
     * @param running requests that are being carried out
     * @param leads whether this service leads
     * @param notices notifications so far
     */
    MetricsPage(
            RequestTimes times,
            LongSupplier running,
            BooleanSupplier leads,
            Supplier<UsageNotices.Figures> notices) {
        this.times = times;
        this.running = running;
        this.leads = leads;
        this.notices = notices;
    }

    /** 200 while it leads; a standby answers 503, so that nobody takes it for the leader. */
    @GET
    @Path("healthz")
    @Produces("text/plain")
    public Response health() {
        return leads.getAsBoolean()
                ? Response.ok("leading\n").build()
                : Response.status(Response.Status.SERVICE_UNAVAILABLE)
                        .entity("standing by\n")
                        .build();
    }

    @GET
    @Path("metrics")
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    public String metrics() {
        StringBuilder text = new StringBuilder();
        head(text, "virtman_cinder_leads", "gauge", "Whether this service leads");
        text.append("virtman_cinder_leads ").append(leads.getAsBoolean() ? 1 : 0).append('\n');
        head(text, "virtman_cinder_requests_running", "gauge", "Casts being carried out");
        text.append("virtman_cinder_requests_running ").append(running.getAsLong()).append('\n');
        head(text, "virtman_cinder_request_seconds", "histogram", "Time of requests by method");
        Map<String, Figures> figures = times.figures();
        figures.forEach((method, each) -> histogram(text, method, each));
        head(text, "virtman_cinder_request_failures_total", "counter", "Requests that failed");
        figures.forEach((method, each) ->
                text.append("virtman_cinder_request_failures_total{method=\"")
                        .append(method)
                        .append("\"} ")
                        .append(each.failures())
                        .append('\n'));
        UsageNotices.Figures told = notices.get();
        String notifications = "virtman_cinder_notifications_total";
        head(text, notifications, "counter", "Notifications by what became of them");
        text.append(notifications).append("{result=\"sent\"} ").append(told.sent()).append('\n');
        text.append(notifications)
                .append("{result=\"failed\"} ")
                .append(told.failed())
                .append('\n');
        return text.toString();
    }

    private static void histogram(StringBuilder text, String method, Figures figures) {
        for (int i = 0; i < RequestTimes.BOUNDS.size(); i++) {
            double bound = RequestTimes.BOUNDS.get(i).toNanos() / NANOSECONDS;
            bucket(text, method, Double.toString(bound), figures.within().get(i));
        }
        bucket(text, method, "+Inf", figures.count());
        String label = "{method=\"" + method + "\"} ";
        text.append("virtman_cinder_request_seconds_sum")
                .append(label)
                .append(seconds(figures.total()))
                .append('\n');
        text.append("virtman_cinder_request_seconds_count")
                .append(label)
                .append(figures.count())
                .append('\n');
    }

    private static void bucket(StringBuilder text, String method, String bound, long count) {
        text.append("virtman_cinder_request_seconds_bucket{method=\"")
                .append(method)
                .append("\",le=\"")
                .append(bound)
                .append("\"} ")
                .append(count)
                .append('\n');
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.6f", time.toNanos() / NANOSECONDS);
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
    }
}
