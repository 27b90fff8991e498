package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.cinder.engine.EngineHost;
import java.math.BigDecimal;
import java.util.List;

/**
 * What the scheduler is told: {@code cinder/volume/manager.py:_report_driver_status}. Space is that
 * of the layers of all nodes that are up; a volume takes none before it is written.
 *
 * @param backendName {@code volume_backend_name}, by which volume types choose
 * @param pool the part of {@code volumes.host} after the {@code #}
 * @param overSubscription how much more may be promised than there is
 * @param reservedPercentage of the space
 */
public record CapabilityReport(
        String backendName, String pool, double overSubscription, int reservedPercentage) {
    private static final double GIBIBYTE = 1L << 30;

    /**
     * The {@code capabilities} of the cast {@code update_service_capabilities}.
     *
     * @param provisioned sum of the sizes of our volumes, in GiB
     */
    public ObjectNode capabilities(List<EngineHost> hosts, long provisioned) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("volume_backend_name", backendName);
        report.put("vendor_name", "VirtMan");
        report.put("driver_version", "1.0");
        report.put("storage_protocol", "file");
        report.put("shared_targets", false);
        ObjectNode one = report.putArray("pools").addObject();
        long total =
                hosts.stream().filter(EngineHost::alive).mapToLong(EngineHost::bytesTotal).sum();
        long free = hosts.stream().filter(EngineHost::alive).mapToLong(EngineHost::bytesFree).sum();
        one.put("pool_name", pool);
        one.put("total_capacity_gb", gibibytes(total));
        one.put("free_capacity_gb", gibibytes(free));
        one.put("allocated_capacity_gb", provisioned);
        one.put("provisioned_capacity_gb", provisioned);
        one.put("reserved_percentage", reservedPercentage);
        one.put(
                "max_over_subscription_ratio",
                BigDecimal.valueOf(overSubscription).toPlainString());
        one.put("thin_provisioning_support", true);
        one.put("thick_provisioning_support", false);
        one.put("QoS_support", false);
        one.put("multiattach", false);
        one.put("online_extend_support", false);
        one.put("backend_state", hosts.stream().anyMatch(EngineHost::alive) ? "up" : "down");
        one.putNull("filter_function");
        one.putNull("goodness_function");
        return report;
    }

    /** The answer to {@code get_capabilities}: {@code volume/driver.py:init_capabilities}. */
    public ObjectNode properties(String host) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("vendor_name", "VirtMan");
        report.put("volume_backend_name", backendName);
        report.put("pool_name", pool);
        report.put("driver_version", "1.0");
        report.put("storage_protocol", "file");
        report.put("display_name", "VirtMan on " + host);
        report.put("description", "Volumes that are there at once, whatever their size");
        report.put("visibility", "public");
        report.putArray("replication_targets");
        report.putObject("properties");
        return report;
    }

    private static double gibibytes(long bytes) {
        return Math.round(bytes / GIBIBYTE * 100) / 100.0;
    }
}
