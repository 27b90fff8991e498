package io.virtman.node;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.volt.AttachmentReport;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/** What a node and Volt tell each other about the images attached on it. */
record Memberships(NodeAddress self, VoltApi volt) {
    private static final Logger LOGGER = System.getLogger(Memberships.class.getName());

    /** Makes this node a member. */
    AttachmentRecord join(String id) {
        ImageRecord image = volt.image(id);
        ParentList list = volt.join(image.id(), self); // refuses what can't be had
        if (!image.joinable()) { // described between the two calls
            return join(id);
        }
        return new AttachmentRecord(
                Names.require("image", image.id()),
                image.name(),
                image.digest(),
                image.size(),
                list);
    }

    /** Ends a membership; the origin has none. */
    void leave(AttachmentRecord record) {
        if (record.list().level() == 0) {
            return;
        }
        try {
            volt.leave(record.image(), self.name());
        } catch (ProblemException e) {
            LOGGER.log(
                    Level.INFO,
                    "Volt learns later that image {0} was left: {1}",
                    record.image(),
                    e.getMessage());
        }
    }

    /** What Volt is told of the memberships. */
    static List<AttachmentReport> reports(List<Attachments.Attached> attached) {
        List<AttachmentReport> reports = new ArrayList<>();
        for (Attachments.Attached one : attached) {
            ParentList list = one.record().list();
            if (list.level() > 0) {
                var traffic = one.image().traffic();
                reports.add(
                        new AttachmentReport(
                                list.image(),
                                list.epoch(),
                                list.position(),
                                traffic.bytesInByParent(),
                                traffic.guestBytesOut(),
                                traffic.cachedBytes(),
                                !one.record().isSealed()));
            }
        }
        return reports;
    }

    /** Takes note of how imports ended whose images are attached. */
    static void ended(List<ImageRecord> images, Attachments attachments) {
        for (ImageRecord image : images) {
            String digest = image.digest();
            String failure = image.failure();
            try {
                if (digest != null) {
                    attachments.seal(
                            image.id(), new SealedImage(new ImageDigest(digest), image.size()));
                } else if (failure != null) {
                    attachments.fail(image.id(), failure);
                }
            } catch (IOException | RuntimeException e) {
                LOGGER.log(Level.ERROR, "image {0} is not attached by its digest: {1}", image, e);
            }
        }
    }
}
