package io.virtman.app.quickstart;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** The programs of ours that run inside a guest, kept as resources beside this class. */
final class GuestScripts {
    private GuestScripts() {}

    static byte[] read(String name) throws IOException {
        try (InputStream stream = GuestScripts.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new FileNotFoundException("resource " + name);
            }
            return stream.readAllBytes();
        }
    }
}
