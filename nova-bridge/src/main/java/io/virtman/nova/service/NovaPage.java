package io.virtman.nova.service;

import io.virtman.nova.run.Pace;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** Figures for Prometheus, text format 0.0.4, and whether the service works; open to all. */
@Path("/")
public final class NovaPage {
    private final Pace pace;
    private final BooleanSupplier leads;
    private final IntSupplier boots;

    /**
     * @param boots that this process carries out
     */
    NovaPage(Pace pace, BooleanSupplier leads, IntSupplier boots) {
        this.pace = pace;
        this.leads = leads;
        this.boots = boots;
    }

    /** 200 from every process, since each answers; the text says whether it leads. */
    @GET
    @Path("healthz")
    @Produces("text/plain")
    public Response health() {
        return Response.ok(leads.getAsBoolean() ? "leading\n" : "standing by\n").build();
    }

    @GET
    @Path("metrics")
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    public String metrics() {
        StringBuilder text = new StringBuilder();
        gauge(
                text,
                "leads",
                "Whether this process carries boots out",
                leads.getAsBoolean() ? 1 : 0);
        gauge(text, "boots_running", "Boots that are carried out", boots.getAsInt());
        gauge(text, "servers_under_way", "Servers that are being built", pace.underWay());
        gauge(text, "window", "Servers that may be under way at a time", pace.window());
        counter(text, "servers_built_total", "Servers that came up", pace.built());
        counter(text, "servers_failed_total", "Servers and requests that failed", pace.failed());
        return text.toString();
    }

    private static void gauge(StringBuilder text, String name, String help, long value) {
        line(text, name, "gauge", help, value);
    }

    private static void counter(StringBuilder text, String name, String help, long value) {
        line(text, name, "counter", help, value);
    }

    private static void line(
            StringBuilder text, String name, String type, String help, long value) {
        text.append(
                "# HELP virtman_nova_%1$s %3$s\n# TYPE virtman_nova_%1$s %2$s\nvirtman_nova_%1$s %4$d\n"
                        .formatted(name, type, help, value));
    }
}
