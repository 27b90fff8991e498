package io.virtman.node;

import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.util.Optional;

/** What Volt is told of images imported from servers. */
record RemoteCatalogue(String node, VoltApi volt, Sources sources, Attachments attachments) {
    /**
     * Adds an image, or finds the one that an earlier call added and was not told of.
     *
     * @param repeated whether there was an earlier call
     */
    ImageRecord add(RemoteRecord intent, boolean repeated) {
        try {
            return volt.add(intent.name(), node, intent.format());
        } catch (ProblemException e) {
            if (e.kind() == Kind.CONFLICT && repeated) {
                ImageRecord found = volt.image(intent.name());
                if (found.origin().equals(node) && found.state() == ImageState.IMPORTING) {
                    return found;
                }
            }
            throw e;
        }
    }

    /** Opens an image to members unless its import has ended. */
    ImageRecord describe(RemoteRecord record) {
        try {
            return volt.describe(record.id(), record.diskSize());
        } catch (ProblemException e) {
            if (e.kind() == Kind.CONFLICT) {
                return volt.image(record.id());
            }
            throw e;
        }
    }

    /**
     * Tells how far an import is.
     *
     * @return false when the catalogue does not have the image
     */
    boolean tell(RemoteRecord record) throws IOException {
        Optional<ImageRecord> found = find(record);
        if (found.isEmpty()) {
            return false;
        }
        String id = record.id();
        if (found.get().state() != ImageState.IMPORTING) {
            return true;
        }
        Optional<ImportedImage> whole = sources.find(id);
        String failure = record.failure();
        if (whole.isPresent()) {
            SealedImage sealed = whole.get().sealed();
            attachments.serve(id, record.name(), sealed);
            volt.seal(id, sealed.digest().hex(), sealed.size());
        } else if (failure != null) {
            volt.fail(id, failure);
        } else if (record.canBeLive()) {
            attachments.serveUnsealed(id, record.name(), record.diskSize());
            volt.describe(id, record.diskSize());
        }
        return true;
    }

    /** The image unless the catalogue does not have it. */
    Optional<ImageRecord> find(RemoteRecord record) {
        try {
            return Optional.of(volt.image(record.id()));
        } catch (ProblemException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
