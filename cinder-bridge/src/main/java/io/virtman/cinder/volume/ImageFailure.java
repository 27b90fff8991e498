package io.virtman.cinder.volume;

import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.database.BridgeImages;
import io.virtman.cinder.database.Layer;
import io.virtman.cinder.database.Layers;
import io.virtman.cinder.database.Snapshots;
import io.virtman.cinder.database.UserMessage;
import io.virtman.cinder.database.UserMessage.Action;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.database.Volumes;
import java.util.Optional;

/** An image that will never be usable: all who have something of it are told, once. */
final class ImageFailure {
    private ImageFailure() {}

    /**
     * Notes it in one transaction.
     *
     * @param reason for administrators; users can read {@code detail} alone
     */
    static void note(Ledger ledger, String imageId, String reason, Detail detail) {
        ledger.change(tx -> {
            BridgeImages.failed(tx, imageId, reason);
            for (Layer layer : Layers.on(tx, Layer.Source.image(imageId))) {
                tell(tx, layer, detail);
            }
            return true;
        });
    }

    private static void tell(Transaction tx, Layer layer, Detail detail) {
        boolean snapshot = layer.kind() == Layer.Kind.SNAPSHOT;
        Optional<String> project =
                snapshot
                        ? Snapshots.find(tx, layer.id())
                                .flatMap(each -> Optional.ofNullable(each.projectId()))
                        : Volumes.find(tx, layer.id())
                                .flatMap(each -> Optional.ofNullable(each.projectId()));
        project.filter(id -> !id.isEmpty())
                .ifPresent(id ->
                        new UserMessage(
                                        id,
                                        null,
                                        snapshot,
                                        layer.id(),
                                        Action.COPY_IMAGE_TO_VOLUME,
                                        detail)
                                .write(tx));
    }
}
