package io.virtman.rest;

import io.virtman.volt.VoltApi;
import io.virtman.volt.VoltStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;

/** Volt's figures as Prometheus reads them, text format 0.0.4. */
@Path("/metrics")
public final class MetricsResource {
    private final VoltApi volt;

    MetricsResource(VoltApi volt) {
        this.volt = volt;
    }

    @GET
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    public String metrics() {
        VoltStatus status = volt.status();
        return metric("images", "gauge", "Images in the catalogue", status.images())
                + metric("nodes", "gauge", "Nodes known", status.nodes())
                + metric("nodes_alive", "gauge", "Nodes heard of lately", status.nodesAlive())
                + metric("members", "gauge", "Attachments of all images", status.members())
                + metric("term", "gauge", "Number of this run", status.term())
                + metric("joins_total", "counter", "Joins answered", status.joins())
                + metric(
                        "parent_changes_total",
                        "counter",
                        "Members given another parent",
                        status.parentChanges())
                + metric(
                        "pushes_lost_total",
                        "counter",
                        "Parent lists left to the heartbeats",
                        status.pushesLost());
    }

    private static String metric(String name, String type, String help, long value) {
        String full = "virtman_volt_" + name;
        return "# HELP %s %s\n# TYPE %s %s\n%s %d\n".formatted(full, help, full, type, full, value);
    }
}
