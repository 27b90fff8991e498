package io.virtman.app.export;

import io.virtman.nbd.ExportCatalog;
import java.util.function.Consumer;

/** Something opened that a server can offer. */
public interface Offer {
    /** What clients may open. */
    ExportCatalog catalogue();

    /**
     * Called once, when clients can connect: says what is known by now, and begins what goes on in
     * the background.
     *
     * @param output takes whole lines, from any thread
     */
    void listening(Consumer<String> output);
}
