package io.virtman.rest;

import io.virtman.node.NodeApi;
import io.virtman.node.NodeReport;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;

/** A node's figures as Prometheus reads them. */
@Path("/metrics")
public final class NodeMetricsResource {
    private final NodeApi node;

    NodeMetricsResource(NodeApi node) {
        this.node = node;
    }

    @GET
    @Produces(MetricsText.MEDIA_TYPE)
    public String metrics() {
        NodeReport report = node.report();
        return new MetricsText("virtman_node_")
                .gauge("vms", "VMs on this node", report.vms())
                .gauge("images", "Images attached or originated here", report.images().size())
                .gauge("cached_bytes", "Bytes of chunks held", report.cachedBytes())
                .gauge(
                        "cache_capacity_bytes",
                        "Bytes of chunks there is room for",
                        report.cacheCapacity())
                .counter(
                        "cache_failures_total",
                        "Reads or writes the cache medium refused",
                        report.cacheFailures())
                .gauge(
                        "layer_bytes",
                        "Bytes of the file system that layers are on",
                        report.layerBytesTotal())
                .gauge(
                        "layer_free_bytes",
                        "Bytes that can still be written to it",
                        report.layerBytesFree())
                .gauge(
                        "layer_provisioned_bytes",
                        "Sum of the sizes of the VMs' disks",
                        report.layerBytesProvisioned())
                .counter("peer_out_bytes_total", "Bytes sent to children", report.peerBytesOut())
                .counter("peer_in_bytes_total", "Bytes received from parents", report.peerBytesIn())
                .counter(
                        "guest_out_bytes_total",
                        "Bytes sent to guests of this host",
                        report.guestBytesOut())
                .toString();
    }
}
