package io.virtman.app;

import io.virtman.node.ImportProgress;
import io.virtman.node.NodeApi;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ImageState;
import io.virtman.volt.VoltApi;
import java.time.Duration;

/** Waiting for a new image, with a bar for people. */
final class Sealing {
    private static final Duration POLL = Duration.ofMillis(200);

    private Sealing() {}

    /**
     * Returns the image when it is sealed. One that fails is taken out of the catalogue.
     *
     * @param node its origin
     */
    static ImageRecord await(Terminal terminal, VoltApi volt, NodeApi node, ImageRecord begun)
            throws InterruptedException {
        ImageRecord image = begun;
        while (image.state() == ImageState.IMPORTING) {
            show(terminal, node, image);
            Waiting.pause(POLL);
            image = volt.image(image.id());
        }
        if (image.state() == ImageState.FAILED) {
            volt.remove(image.id());
            throw new ProblemException(
                    Kind.FAILED,
                    "image",
                    image.name() + " was not imported: " + image.failure(),
                    "correct that and try again");
        }
        return image;
    }

    private static void show(Terminal terminal, NodeApi node, ImageRecord image) {
        String what = "importing " + image.name();
        try {
            ImportProgress progress = node.importProgress(image.id());
            terminal.progress(what, progress.bytesDone(), progress.bytesTotal());
        } catch (ProblemException e) {
            terminal.progress(what, 0, 0); // it just ended
        }
    }
}
