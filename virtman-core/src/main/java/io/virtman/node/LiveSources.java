package io.virtman.node;

import io.virtman.block.BlockSource;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The images this node is the origin of and still imports, as far as they are here. */
final class LiveSources {
    /** Opens the image with the leaves of its tree, whenever it is attached. */
    interface Opener {
        BlockSource open() throws IOException;
    }

    private final Map<String, Opener> byId = new ConcurrentHashMap<>();

    void put(String image, Opener opener) {
        byId.put(image, opener);
    }

    void remove(String image) {
        byId.remove(image);
    }

    BlockSource open(String image) throws IOException {
        Opener opener = byId.get(image);
        if (opener == null) {
            throw new IOException(image + " has its origin here and is not being imported");
        }
        return opener.open();
    }
}
