package io.virtman.nova.openstack;

import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Source;
import io.virtman.nova.cloud.Cloud;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.cloud.CloudException.Kind;
import io.virtman.openstack.BootDisk;
import io.virtman.openstack.Builds;
import io.virtman.openstack.BuiltServer;
import io.virtman.openstack.Flavor;
import io.virtman.openstack.Lookups;
import io.virtman.openstack.Networks;
import io.virtman.openstack.NewServers;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.VolumeSnapshot;
import io.virtman.openstack.Volumes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Nova for one boot, by its trust. The servers of a boot are found by a tag, which Nova lets users
 * filter by; which batch they are of their metadata say.
 */
final class BootSession implements Cloud.Session {
    static final String BOOT = BootOrder.OWN_METADATA + "boot";
    static final String BATCH = BootOrder.OWN_METADATA + "batch";

    private final String bootId;
    private final BootOrder order;
    private final ServiceSession session;
    private final Builds builds;
    private @Nullable Flavor flavor;
    private @Nullable BootDisk disk;

    BootSession(String bootId, BootOrder order, ServiceSession session) {
        this.bootId = bootId;
        this.order = order;
        this.session = session;
        this.builds = new Builds(session);
    }

    static String tag(String bootId) {
        return "virtman-boot:" + bootId;
    }

    @Override
    public void create(int batch, int size) {
        NewServers servers = Failures.told(() -> servers(batch, size));
        String _ = Failures.told(() -> builds.create(servers));
    }

    private NewServers servers(int batch, int size) {
        Map<String, String> metadata =
                new HashMap<>(Objects.requireNonNullElse(order.metadata(), Map.of()));
        metadata.put(BOOT, bootId);
        metadata.put(BATCH, Integer.toString(batch));
        return new NewServers(
                order.name() + "-" + batch,
                size,
                flavor().id(),
                disk(),
                networks(order),
                order.keyName(),
                order.userData(),
                order.availabilityZone(),
                order.serverGroup(),
                metadata,
                List.of(tag(bootId)));
    }

    private Flavor flavor() {
        Flavor known = flavor;
        if (known == null) {
            known = new Lookups(session).flavor(order.flavor());
            flavor = known;
        }
        return known;
    }

    static Networks networks(BootOrder order) {
        if (order.findsNetworks()) {
            return Networks.Automatic.AUTO;
        }
        List<String> ids = order.networkIds();
        return ids.isEmpty() ? Networks.Automatic.NONE : new Networks.Listed(ids);
    }

    private BootDisk disk() {
        BootDisk known = disk;
        if (known == null) {
            known =
                    order.from().kind() == Source.Kind.VOLUME
                            ? ofSnapshot(snapshotOfVolume())
                            : Sources.disk(session, order);
            disk = known;
        }
        return known;
    }

    private BootDisk ofSnapshot(VolumeSnapshot snapshot) {
        Integer size = order.size();
        return new BootDisk(
                BootDisk.Source.SNAPSHOT,
                snapshot.id(),
                size == null ? Math.toIntExact(snapshot.gib()) : size,
                order.volumeType());
    }

    /** Taken once for the boot, and found again by its name. */
    private VolumeSnapshot snapshotOfVolume() {
        Volumes volumes = new Volumes(session);
        String name = tag(bootId);
        String volume = order.from().id();
        VolumeSnapshot snapshot =
                volumes.snapshots(volume, name).stream()
                        .findFirst()
                        .orElseGet(() -> volumes.takeSnapshot(volume, name, Map.of(BOOT, bootId)));
        if (snapshot.status().startsWith("error")) {
            throw new CloudException(
                    Kind.REFUSED, "no snapshot could be made of volume " + volume, null);
        }
        if (!snapshot.status().equals("available")) {
            throw new CloudException(
                    Kind.UNAVAILABLE, "the snapshot of volume " + volume + " is being made", null);
        }
        return snapshot;
    }

    @Override
    public List<SeenServer> servers() {
        return Failures.told(() ->
                builds.list(tag(bootId)).stream()
                        .filter(each -> bootId.equals(each.metadata().get(BOOT)))
                        .map(BootSession::seen)
                        .toList());
    }

    @Override
    public Optional<SeenServer> server(String id) {
        return Failures.told(() -> builds.find(id).map(BootSession::seen));
    }

    private static SeenServer seen(BuiltServer server) {
        return new SeenServer(
                server.id(),
                batch(server.metadata().get(BATCH)),
                server.status(),
                server.taskState(),
                server.host(),
                server.fault());
    }

    /** Users may change the metadata of their servers; then it is one of no batch. */
    private static int batch(@Nullable String text) {
        return text != null && text.matches("[1-9]\\d{0,8}") ? Integer.parseInt(text) : 0;
    }

    @Override
    public void delete(String id) {
        boolean _ = Failures.told(() -> builds.delete(id));
    }

    @Override
    public void close() {
        session.close();
    }
}
