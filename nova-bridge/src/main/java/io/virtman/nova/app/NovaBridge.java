package io.virtman.nova.app;

import io.virtman.bridge.config.NovaConfiguration;
import io.virtman.bridge.keystone.ServiceAccount;
import io.virtman.nova.openstack.OpenStackCloud;
import io.virtman.nova.service.NovaService;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.http.Limits;
import java.io.Closeable;
import java.time.Duration;

/** The service with all its parts: the one place where they are put together. */
public final class NovaBridge implements NovaStart {
    private static final Duration LEADERSHIP = Duration.ofSeconds(30);
    private static final int LARGEST_ANSWER = 32 << 20;

    @Override
    public Closeable start(NovaConfiguration configuration) throws InterruptedException {
        ServiceSession session =
                new ServiceSession(
                        ServiceAccount.settings(configuration.keystone()),
                        limits(configuration.nova().apiTimeout()));
        try {
            NovaService service = NovaService.start(configuration, new OpenStackCloud(session));
            boolean _ = service.awaitLeadership(LEADERSHIP); // else it stands by
            return () -> {
                service.close();
                session.close();
            };
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** A busy Nova takes its time for a batch, and what it says of many servers is long. */
    private static Limits limits(Duration apiTimeout) {
        Limits usual = Limits.usual();
        return new Limits(
                usual.connect(),
                apiTimeout,
                apiTimeout,
                usual.attempts(),
                usual.pause(),
                LARGEST_ANSWER);
    }
}
