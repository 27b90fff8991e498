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
    @Produces(MetricsText.MEDIA_TYPE)
    public String metrics() {
        VoltStatus status = volt.status();
        return new MetricsText("virtman_volt_")
                .gauge("images", "Images in the catalogue", status.images())
                .gauge("nodes", "Nodes known", status.nodes())
                .gauge("nodes_alive", "Nodes heard of lately", status.nodesAlive())
                .gauge("members", "Attachments of all images", status.members())
                .gauge("term", "Number of this run", status.term())
                .counter("joins_total", "Joins answered", status.joins())
                .counter(
                        "parent_changes_total",
                        "Members given another parent",
                        status.parentChanges())
                .counter(
                        "pushes_lost_total",
                        "Parent lists left to the heartbeats",
                        status.pushesLost())
                .toString();
    }
}
