package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Cinder, as the user of a session. Not through OpenStack4j: it turns a status it does not know
 * into {@code UNRECOGNIZED} and a limit that is missing into 0, and has no project of a snapshot.
 */
public final class Volumes {
    private static final String MICROVERSION = "volume 3.0";

    private final ServiceSession session;

    /** Calls nothing yet. */
    public Volumes(ServiceSession session) {
        this.session = session;
    }

    /**
     * A volume.
     *
     * @throws OpenStackException {@code NotFound} when the user sees none with that id, and others
     */
    public CinderVolume volume(String id) {
        CinderVolume volume = CinderVolume.of(get(path("volume", id)).object("volume"));
        checked("volume", id, volume.id());
        return volume;
    }

    /**
     * Deletes a volume; goes on after that.
     *
     * @return whether it was there
     * @throws OpenStackException {@code Refused} when it is in use or has snapshots, and others
     */
    public boolean delete(String id) {
        return Ids.fits(id) && session.delete(Endpoints.BLOCK_STORAGE, path("volume", id));
    }

    /**
     * A volume type that the user may use.
     *
     * @param idOrName its id; else its name, which is unique
     * @throws OpenStackException {@code NotFound} when there is none, and others
     */
    public VolumeKind type(String idOrName) {
        if (isUuid(idOrName)) {
            try {
                VolumeKind type = VolumeKind.of(get("/types/" + idOrName).object("volume_type"));
                checked("volume type", idOrName, type.id());
                return type;
            } catch (OpenStackException.NotFound _) {
                // It may be a name.
            }
        }
        return get("/types?is_public=None").listed("volume_types").stream()
                .map(VolumeKind::of)
                .filter(type -> type.name().equals(idOrName))
                .findAny()
                .orElseThrow(() -> new OpenStackException.NotFound("no such volume type"));
    }

    /**
     * A snapshot of a volume.
     *
     * @throws OpenStackException {@code NotFound} when the user sees none with that id, and others
     */
    public VolumeSnapshot snapshot(String id) {
        VolumeSnapshot snapshot = VolumeSnapshot.of(get(path("snapshot", id)).object("snapshot"));
        checked("snapshot", id, snapshot.id());
        return snapshot;
    }

    /**
     * The snapshots of a volume with that name, for finding one of which the answer was lost.
     *
     * @param volumeId of the volume
     * @param name exactly
     */
    public List<VolumeSnapshot> snapshots(String volumeId, String name) {
        String path = "/snapshots/detail?volume_id=" + Ids.checked("volume", volumeId);
        return get(path).listed("snapshots").stream()
                .map(VolumeSnapshot::of)
                .filter(each -> name.equals(each.name()) && volumeId.equals(each.volumeId()))
                .toList();
    }

    /**
     * Takes a snapshot of a volume, also of one that is in use: then it is what a disk is after a
     * power cut. Sent once: when it is {@code Unavailable} there may be one, see {@link
     * #snapshots}.
     *
     * @param volumeId of the volume
     * @param name at most 255 characters
     * @param metadata of the snapshot
     * @return the snapshot, which is still being made
     * @throws OpenStackException {@code Refused} for a quota that is used up or a volume that is
     *     not ready, {@code NotFound} when there is no such volume, and others
     */
    public VolumeSnapshot takeSnapshot(String volumeId, String name, Map<String, String> metadata) {
        Map<String, Object> snapshot =
                Map.of(
                        "volume_id",
                        Ids.checked("volume", volumeId),
                        "name",
                        name,
                        "force",
                        true,
                        "metadata",
                        metadata);
        return VolumeSnapshot.of(
                session.post(
                                Endpoints.BLOCK_STORAGE,
                                "/snapshots",
                                MICROVERSION,
                                Map.of("snapshot", snapshot))
                        .object("snapshot"));
    }

    /**
     * Deletes a snapshot; goes on after that.
     *
     * @return whether it was there
     * @throws OpenStackException {@code Refused} when it is in use, and others
     */
    public boolean deleteSnapshot(String id) {
        return Ids.fits(id) && session.delete(Endpoints.BLOCK_STORAGE, path("snapshot", id));
    }

    /** What the project may have, and has. */
    public VolumeLimits limits() {
        JsonFields absolute = get("/limits").object("limits").object("absolute");
        return new VolumeLimits(
                Quota.of(absolute, "maxTotalVolumes", "totalVolumesUsed"),
                Quota.of(absolute, "maxTotalSnapshots", "totalSnapshotsUsed"),
                Quota.of(absolute, "maxTotalVolumeGigabytes", "totalGigabytesUsed"));
    }

    private JsonFields get(String path) {
        return session.get(
                Endpoints.BLOCK_STORAGE, path, Map.of(ServiceSession.VERSION, MICROVERSION));
    }

    private static void checked(String what, String asked, String answered) {
        if (!answered.equals(asked)) {
            throw new OpenStackException.Unexpected(what + ": the answer is another one");
        }
    }

    private static boolean isUuid(String text) {
        try {
            return UUID.fromString(text).toString().equals(text);
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static String path(String what, String id) {
        return "/" + what + "s/" + Ids.checked(what, id);
    }
}
