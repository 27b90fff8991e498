package io.virtman.cinder.app;

import io.virtman.cinder.config.BridgeConfiguration;
import io.virtman.cinder.config.KeystoneOptions;
import io.virtman.cinder.node.RestEngine;
import io.virtman.cinder.openstack.GlanceService;
import io.virtman.cinder.openstack.NovaService;
import io.virtman.cinder.service.CinderService;
import io.virtman.cinder.service.Outside;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.transport.Transport;
import io.virtman.openstack.EndpointInterface;
import io.virtman.openstack.KeystoneSettings;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.http.Limits;
import java.io.Closeable;
import java.time.Duration;
import java.util.Map;

/** The bridge with all its parts: the one place where they are put together. */
public final class Bridge implements BridgeStart {
    private static final Duration LEADERSHIP = Duration.ofSeconds(30);

    @Override
    public Closeable start(BridgeConfiguration configuration) throws InterruptedException {
        ServiceSession session =
                new ServiceSession(keystone(configuration.keystone()), Limits.usual());
        Transport transport =
                RabbitTransport.open(
                        configuration.messaging().url(),
                        configuration.rabbit(),
                        RabbitSettings.of("virtman-cinder"));
        try {
            CinderService service =
                    CinderService.start(configuration, outside(configuration, session), transport);
            boolean _ = service.awaitLeadership(LEADERSHIP); // else it stands by
            return () -> {
                service.close();
                transport.close();
                session.close();
            };
        } catch (RuntimeException e) {
            transport.close();
            session.close();
            throw e;
        }
    }

    private static Outside outside(BridgeConfiguration configuration, ServiceSession session) {
        return new Outside(
                new RestEngine(configuration.volt().url(), configuration.volt().timeout()),
                new GlanceService(session),
                new NovaService(session));
    }

    /** What the client of OpenStack's REST interfaces is told. */
    static KeystoneSettings keystone(KeystoneOptions options) {
        return new KeystoneSettings(
                options.authUrl(),
                new KeystoneSettings.Password(
                        options.username(),
                        options.password(),
                        options.userDomainName(),
                        options.projectName(),
                        options.projectDomainName()),
                options.regionName().orElse(null),
                EndpointInterface.of(options.endpoints().name()),
                options.cafile().orElse(null),
                Map.of());
    }
}
