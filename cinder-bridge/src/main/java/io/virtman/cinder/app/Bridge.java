package io.virtman.cinder.app;

import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.keystone.ServiceAccount;
import io.virtman.cinder.node.RestEngine;
import io.virtman.cinder.openstack.GlanceService;
import io.virtman.cinder.openstack.NovaService;
import io.virtman.cinder.service.CinderService;
import io.virtman.cinder.service.Outside;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.ReconnectOptions;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.transport.Transport;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.http.Limits;
import io.virtman.rest.RestServer;
import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bridge with all its parts: the one place where they are put together. */
public final class Bridge implements BridgeStart {
    private static final Duration LEADERSHIP = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    @Override
    public Closeable start(BridgeConfiguration configuration) throws InterruptedException {
        ServiceSession session =
                new ServiceSession(
                        ServiceAccount.settings(configuration.keystone()), Limits.usual());
        Transport transport =
                RabbitTransport.open(
                        configuration.messaging().url(),
                        prompt(configuration.rabbit(), configuration.work().leaseDuration()),
                        RabbitSettings.of("virtman-cinder"));
        try {
            CinderService service =
                    CinderService.start(configuration, outside(configuration, session), transport);
            RestServer page = page(configuration.work().metricsPort(), service);
            boolean _ = service.awaitLeadership(LEADERSHIP); // else it stands by
            return () -> {
                service.close();
                if (page != null) {
                    page.close();
                }
                transport.close();
                session.close();
            };
        } catch (RuntimeException e) {
            transport.close();
            session.close();
            throw e;
        }
    }

    /**
     * What has gone to a leader that doesn't answer any more shall come to its successor before its
     * senders have given up; and what is sent to a broker that has just come back is lost until
     * somebody makes the queue again.
     */
    static RabbitOptions prompt(RabbitOptions options, Duration leaseDuration) {
        ReconnectOptions reconnect = options.reconnect();
        Duration heartbeat = options.heartbeat();
        return options.withReconnect(
                        new ReconnectOptions(
                                reconnect.interval(),
                                reconnect.step(),
                                shorter(reconnect.maximum(), LONGEST_PAUSE),
                                reconnect.delay(),
                                reconnect.failover()))
                .withHeartbeat(
                        heartbeat.isZero()
                                ? heartbeat
                                : shorter(heartbeat, leaseDuration.dividedBy(2)));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static @Nullable RestServer page(int port, CinderService service) {
        return port == 0
                ? null
                : RestServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        List.of(service.metrics()));
    }

    private static Outside outside(BridgeConfiguration configuration, ServiceSession session) {
        return new Outside(
                new RestEngine(
                        configuration.volt().url(),
                        configuration.volt().timeout(),
                        configuration.patience()),
                new GlanceService(session),
                new NovaService(session));
    }
}
