package io.virtman.cinder.rpc;

import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.cloud.ImageService;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.Refusals;
import io.virtman.cinder.database.UserMessage;
import io.virtman.cinder.database.UserMessage.Action;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.volume.Ledger;
import io.virtman.cinder.volume.Request;
import io.virtman.problem.ProblemException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Casts the bridge doesn't do: the resource goes back to where it was, reservations of quota are
 * rolled back, and its owner can read why.
 */
public final class Refusal {
    private static final Logger LOGGER = System.getLogger(Refusal.class.getName());

    private final Ledger ledger;
    private final ImageService images;

    public Refusal(Ledger ledger, ImageService images) {
        this.ledger = ledger;
        this.images = images;
    }

    void run(Request request, Order order) {
        LOGGER.log(
                Level.WARNING,
                "{0} of volume {1} {2} is not supported",
                order.method(),
                order.volumeId(),
                request.caller());
        Outcome _ =
                ledger.complete(
                        request,
                        tx -> {
                            Outcome outcome = restore(tx, order);
                            if (outcome == Outcome.DONE) {
                                tell(tx, request, order);
                            }
                            return outcome;
                        });
        if (order.method().equals("copy_volume_to_image")) {
            removeImage(request, order);
        }
    }

    /** The API has made one for the upload, and it would wait for its data forever. */
    private void removeImage(Request request, Order order) {
        String token = request.caller().token();
        String image = order.imageId();
        if (token == null || image == null) {
            return; // after a restart it is left to its owner
        }
        try {
            images.removeUnfilled(image, token);
        } catch (ProblemException e) {
            LOGGER.log(Level.WARNING, "image {0} stays without data: {1}", image, e.getMessage());
        }
    }

    private static Outcome restore(Transaction tx, Order order) {
        String volume = order.volumeId() == null ? "" : order.volumeId();
        String snapshot = order.snapshotId() == null ? "" : order.snapshotId();
        List<String> reservations = order.reservationList();
        return switch (order.method()) {
            case "retype" -> Refusals.retype(tx, volume, reservations, order.oldReservationList());
            case "migrate_volume" -> Refusals.migrate(tx, volume);
            case "copy_volume_to_image" -> Refusals.upload(tx, volume);
            case "reimage" -> Refusals.reimage(tx, volume);
            case "revert_to_snapshot" -> Refusals.revert(tx, volume, snapshot);
            case "get_backup_device" -> Refusals.backup(tx, volume, snapshot);
            case "manage_existing" -> Refusals.manage(tx, volume);
            case "manage_existing_snapshot" -> Refusals.manageSnapshot(tx, snapshot);
            default -> Outcome.NOT_EXPECTED;
        };
    }

    private static void tell(Transaction tx, Request request, Order order) {
        @Nullable String project = order.projectId();
        String resource = order.volumeId() != null ? order.volumeId() : order.snapshotId();
        if (project == null || resource == null) {
            return;
        }
        Action action =
                switch (order.method()) {
                    case "copy_volume_to_image" -> Action.COPY_VOLUME_TO_IMAGE;
                    case "reimage" -> Action.REIMAGE_VOLUME;
                    case "get_backup_device" -> Action.BACKUP_CREATE;
                    default -> Action.CREATE_VOLUME_FROM_BACKEND;
                };
        Detail detail =
                switch (order.method()) {
                    case "copy_volume_to_image" -> Detail.FAILED_TO_UPLOAD_VOLUME;
                    case "reimage" -> Detail.REIMAGE_VOLUME_FAILED;
                    default -> Detail.UNKNOWN_ERROR;
                };
        new UserMessage(
                        project,
                        request.caller().requestId(),
                        order.volumeId() == null,
                        resource,
                        action,
                        detail)
                .write(tx);
    }
}
