package io.virtman.nbd;

import io.virtman.block.BlockSource;
import java.io.IOException;
import java.util.List;

/** What a server offers. Called by many connection threads at once. */
public interface ExportCatalog {
    /** Names shown to clients that list exports. Others may be openable as well. */
    List<String> names();

    /**
     * Opens an export for one connection. The server closes it when the connection has ended and
     * none of its requests is running. It counts against the handshake deadline.
     *
     * @param name at most 4096 bytes of UTF-8 without NUL; empty means the default export
     * @throws NbdRefusal when this client may not have it; reason and message are sent to it
     * @throws IOException when it cannot be opened; the client learns no details
     */
    BlockSource open(String name) throws IOException;
}
