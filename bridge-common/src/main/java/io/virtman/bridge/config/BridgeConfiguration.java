package io.virtman.bridge.config;

import io.virtman.messaging.config.MessagingOptions;
import io.virtman.messaging.config.NotificationOptions;
import io.virtman.messaging.config.RabbitOptions;
import java.time.Duration;

/**
 * All that the bridge is configured with; complete and checked. Printing it shows no secret.
 *
 * @param messaging where RPC goes, over which exchange, and how long answers are waited for
 * @param rabbit {@code [oslo_messaging_rabbit]}
 * @param notifications {@code [oslo_messaging_notifications]}; none unless a driver is given
 * @param database Cinder's database and our account there
 * @param keystone our account in the cloud
 * @param backend as what we appear in Cinder
 * @param work how much is done at once, and how often
 * @param imports how images of Glance come to origins
 * @param volt the coordinator
 * @param reportInterval {@code report_interval}: between signs of life in Cinder's database, 1 s to
 *     1 h; well below Cinder's {@code service_down_time} (60 s)
 * @param snapshotsCountGigabytes whether Cinder counts snapshots in the quota of gigabytes; its
 *     {@code no_snapshot_gb_quota} is false then
 * @param debug {@code debug}: log more
 */
public record BridgeConfiguration(
        MessagingOptions messaging,
        RabbitOptions rabbit,
        NotificationOptions notifications,
        DatabaseOptions database,
        KeystoneOptions keystone,
        BackendOptions backend,
        WorkOptions work,
        ImportOptions imports,
        VoltConnection volt,
        Duration reportInterval,
        boolean snapshotsCountGigabytes,
        boolean debug) {
    private static final Duration REPLY = Duration.ofSeconds(15);

    /**
     * How long the work on a request may take whose caller waits: less than Cinder's API does, so
     * that it hears of a failure.
     */
    public Duration patience() {
        Duration rest = messaging.responseTimeout().minus(REPLY);
        Duration half = messaging.responseTimeout().dividedBy(2);
        return rest.compareTo(half) > 0 ? rest : half;
    }
}
