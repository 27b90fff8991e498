package io.virtman.nova.openstack;

import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.boot.Source;
import io.virtman.openstack.Builds;
import io.virtman.openstack.ComputeLimits;
import io.virtman.openstack.Flavor;
import io.virtman.openstack.Lookups;
import io.virtman.openstack.Quota;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.VolumeLimits;
import io.virtman.openstack.Volumes;
import io.virtman.openstack.http.OpenStackException;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.function.Supplier;

/** What a boot needs of OpenStack, asked for as its user. */
final class Requirements {
    private final ServiceSession session;
    private final Lookups lookups;
    private final Volumes volumes;

    Requirements(ServiceSession session) {
        this.session = session;
        this.lookups = new Lookups(session);
        this.volumes = new Volumes(session);
    }

    /**
     * @throws ProblemException naming the first field that doesn't fit
     */
    void check(BootOrder order) {
        int gigabytes =
                there(
                        "source",
                        () ->
                                order.from().kind() == Source.Kind.VOLUME
                                        ? Sources.ofVolume(session, order)
                                        : Sources.disk(session, order).gib());
        Flavor flavor = there("flavor", () -> lookups.flavor(order.flavor()));
        String type = order.volumeType();
        if (type != null) {
            var _ = there("volume_type", () -> volumes.type(type));
        }
        String key = order.keyName();
        if (key != null) {
            var _ = there("key_name", () -> lookups.keyPair(key));
        }
        String group = order.serverGroup();
        if (group != null) {
            var _ = there("server_group", () -> lookups.serverGroup(group));
        }
        networks(order);
        zone(order);
        quota(order, flavor, gigabytes);
    }

    private void networks(BootOrder order) {
        if (!order.networkIds().isEmpty() && !lookups.hasNetworking()) {
            throw new ProblemException(
                    Kind.INVALID, "networks", "there is no networking service", "write \"none\"");
        }
        order.networkIds()
                .forEach(id -> {
                    var _ = there("networks", () -> lookups.network(id));
                });
    }

    private void zone(BootOrder order) {
        String zone = order.availabilityZone();
        // zone:host is for administrators, whom Nova knows
        if (zone != null && !zone.contains(":") && !lookups.availabilityZones().contains(zone)) {
            throw missing("availability_zone");
        }
    }

    private void quota(BootOrder order, Flavor flavor, int gigabytes) {
        ComputeLimits compute = new Builds(session).limits();
        within("instances", compute.instances(), order.count());
        within("cores", compute.cores(), (long) order.count() * flavor.vcpus());
        within("RAM", compute.ramMib(), order.count() * flavor.ramMib());
        VolumeLimits storage = volumes.limits();
        within("volumes", storage.volumes(), order.count());
        within("gigabytes", storage.gib(), (long) order.count() * gigabytes);
    }

    private static void within(String what, Quota quota, long more) {
        if (!quota.allows(more)) {
            throw new ProblemException(
                    Kind.FORBIDDEN,
                    "count",
                    "the quota of "
                            + what
                            + " is "
                            + quota.max()
                            + ", of which "
                            + quota.used()
                            + " are used; "
                            + more
                            + " more would be needed",
                    "ask for fewer servers, or for more quota");
        }
    }

    private static <T> T there(String field, Supplier<T> lookup) {
        try {
            return lookup.get();
        } catch (OpenStackException.NotFound | OpenStackException.Forbidden e) {
            throw missing(field);
        }
    }

    private static ProblemException missing(String field) {
        return new ProblemException(
                Kind.INVALID,
                field,
                "there is none of this name or id in your project",
                "see openstack's lists for what there is");
    }
}
