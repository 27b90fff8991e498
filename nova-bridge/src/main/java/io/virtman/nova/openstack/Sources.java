package io.virtman.nova.openstack;

import io.virtman.nova.boot.BootOrder;
import io.virtman.openstack.BootDisk;
import io.virtman.openstack.CinderVolume;
import io.virtman.openstack.GlanceImage;
import io.virtman.openstack.Images;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.VolumeSnapshot;
import io.virtman.openstack.Volumes;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.Objects;

/** What root volumes are made of, as OpenStack has it. */
final class Sources {
    private static final long GIBIBYTE = 1L << 30;

    private Sources() {}

    /**
     * The disk of each server, of a snapshot or an image.
     *
     * @throws ProblemException when it can't be used, or is larger than what is asked for
     */
    static BootDisk disk(ServiceSession session, BootOrder order) {
        return switch (order.from().kind()) {
            case SNAPSHOT -> ofSnapshot(session, order);
            case IMAGE -> ofImage(session, order);
            case VOLUME -> throw new IllegalArgumentException("a snapshot is taken of it first");
        };
    }

    private static BootDisk ofSnapshot(ServiceSession session, BootOrder order) {
        VolumeSnapshot snapshot = new Volumes(session).snapshot(order.from().id());
        requireStatus(snapshot.status(), "available");
        return new BootDisk(
                BootDisk.Source.SNAPSHOT,
                snapshot.id(),
                size(order, snapshot.gib()),
                order.volumeType());
    }

    private static BootDisk ofImage(ServiceSession session, BootOrder order) {
        GlanceImage image = new Images(session).image(order.from().id(), session.token().value());
        requireStatus(image.status(), "active");
        Long bytes = Objects.requireNonNullElse(image.virtualSize(), image.size());
        long needed =
                Math.max(
                        Math.max(1, image.minDisk()),
                        bytes == null ? 1 : Math.ceilDiv(bytes, GIBIBYTE));
        return new BootDisk(
                BootDisk.Source.IMAGE, image.id(), size(order, needed), order.volumeType());
    }

    /** GiB that a volume's servers would get. */
    static int ofVolume(ServiceSession session, BootOrder order) {
        CinderVolume volume = new Volumes(session).volume(order.from().id());
        if (!volume.status().equals("available") && !volume.status().equals("in-use")) {
            throw wrong("source", "the volume is " + volume.status(), "wait until it can be used");
        }
        return size(order, volume.gib());
    }

    private static int size(BootOrder order, long needed) {
        Integer wanted = order.size();
        if (wanted != null && wanted < needed) {
            throw wrong(
                    "size",
                    wanted + " GiB are less than the source's " + needed,
                    "ask for " + needed + " or more");
        }
        return wanted == null ? Math.toIntExact(needed) : wanted;
    }

    private static void requireStatus(String status, String wanted) {
        if (!status.equals(wanted)) {
            throw wrong("source", "it is " + status, "wait until it is " + wanted);
        }
    }

    private static ProblemException wrong(String field, String detail, String remedy) {
        return new ProblemException(Kind.INVALID, field, detail, remedy);
    }
}
