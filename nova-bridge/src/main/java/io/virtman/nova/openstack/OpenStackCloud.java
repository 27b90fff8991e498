package io.virtman.nova.openstack;

import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.boot.Source;
import io.virtman.nova.cloud.Caller;
import io.virtman.nova.cloud.Cloud;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.cloud.CloudException.Kind;
import io.virtman.openstack.Identity;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.Tokens;
import io.virtman.openstack.Trusts;
import io.virtman.openstack.VolumeSnapshot;
import io.virtman.openstack.Volumes;
import io.virtman.openstack.http.OpenStackException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;

/** OpenStack, asked as the service where it is about tokens, and else as the user of a trust. */
public final class OpenStackCloud implements Cloud {
    private static final Logger LOGGER = System.getLogger(OpenStackCloud.class.getName());

    private final ServiceSession session;
    private final Tokens tokens;
    private final Trusts trusts;

    /**
     * @param session the service's own; not closed here
     */
    public OpenStackCloud(ServiceSession session) {
        this.session = session;
        this.tokens = new Tokens(session);
        this.trusts = new Trusts(session);
    }

    @Override
    public Optional<Caller> caller(String token) {
        return identity(token).flatMap(OpenStackCloud::caller);
    }

    private Optional<Identity> identity(String token) {
        try {
            return tokens.identify(token);
        } catch (OpenStackException.Unauthorized | OpenStackException.Forbidden e) {
            // ours, not the caller's
            throw new CloudException(Kind.UNAVAILABLE, "Keystone doesn't let this service in", e);
        } catch (OpenStackException e) {
            throw Failures.of(e);
        }
    }

    private static Optional<Caller> caller(Identity identity) {
        return Optional.ofNullable(identity.projectId())
                .map(project -> new Caller(identity.userId(), project, identity.roles()));
    }

    @Override
    public String delegate(String token, Duration lasts) {
        Identity identity =
                identity(token)
                        .orElseThrow(() ->
                                new CloudException(
                                        Kind.UNAUTHORIZED, "the token has just ended", null));
        if (!identity.canDelegate()) {
            throw new CloudException(
                    Kind.REFUSED,
                    "these credentials can't be delegated, which a boot needs to go on without"
                            + " you: they are lent themselves, or a restricted application"
                            + " credential",
                    null);
        }
        return Failures.told(() -> trusts.create(token, identity, session.userId(), lasts));
    }

    @Override
    public void require(BootOrder order, String trustId) {
        try (ServiceSession user = session.ofTrust(trustId)) {
            new Requirements(user).check(order);
        } catch (OpenStackException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public Session session(String bootId, BootOrder order, String trustId) {
        return new BootSession(bootId, order, session.ofTrust(trustId));
    }

    @Override
    public void giveBack(String bootId, BootOrder order, String trustId) {
        try (ServiceSession user = session.ofTrust(trustId)) {
            if (order.from().kind() == Source.Kind.VOLUME) {
                forget(user, bootId, order.from().id());
            }
            trusts.delete(trustId, user);
        } catch (OpenStackException e) {
            throw Failures.of(e);
        }
    }

    /** The snapshot that was taken for the boot; where volumes depend on it, it stays. */
    private static void forget(ServiceSession user, String bootId, String volumeId) {
        Volumes volumes = new Volumes(user);
        try {
            for (VolumeSnapshot each : volumes.snapshots(volumeId, BootSession.tag(bootId))) {
                boolean _ = volumes.deleteSnapshot(each.id());
            }
        } catch (OpenStackException.Unavailable e) {
            throw e; // another time
        } catch (OpenStackException e) {
            LOGGER.log(
                    Level.WARNING,
                    "the snapshot for boot {0} of volume {1} stays: {2}",
                    bootId,
                    volumeId,
                    e.getMessage());
        }
    }
}
