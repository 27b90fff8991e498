package io.virtman.bridge.config;

import java.time.Duration;
import java.util.Optional;

/**
 * The part of {@code [cinder]} that says how the bridge works.
 *
 * @param workers {@code workers}: requests carried out at once, 1 to 1024
 * @param leaseDuration {@code lease_duration}: how long after a bridge's death another one of the
 *     same name takes over, 3 s to 5 min
 * @param reconcileInterval {@code reconcile_interval}: between comparisons of what nodes have with
 *     what Cinder says, 5 s to 1 h
 * @param verifyInstanceHost {@code verify_instance_host}: ask Nova whether the instance is on the
 *     host that a volume is attached for
 * @param acceptSchema {@code accept_schema}: work with a schema of Cinder's database that this
 *     release was not tested with
 * @param metricsPort {@code metrics_port}: on loopback, for {@code /metrics} and {@code /healthz};
 *     0 for none
 * @param rpcVersion {@code rpc_version} to register, {@code 3.x}; empty for what is implemented
 * @param objectVersion {@code object_version} to register, {@code 1.x}; empty to copy that of
 *     Cinder's schedulers
 */
public record WorkOptions(
        int workers,
        Duration leaseDuration,
        Duration reconcileInterval,
        boolean verifyInstanceHost,
        boolean acceptSchema,
        int metricsPort,
        Optional<String> rpcVersion,
        Optional<String> objectVersion) {
    /** The same, with {@code --accept-schema}. */
    public WorkOptions acceptingSchema() {
        return new WorkOptions(
                workers,
                leaseDuration,
                reconcileInterval,
                verifyInstanceHost,
                true,
                metricsPort,
                rpcVersion,
                objectVersion);
    }
}
