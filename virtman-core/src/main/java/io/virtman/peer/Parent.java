package io.virtman.peer;

import io.virtman.nbd.NbdUri;
import java.util.List;

/**
 * A sender of an image's bytes.
 *
 * @param name what people call it: a node's name or a URI
 * @param uris where its export is; the later ones are tried when it does not know the earlier ones
 */
public record Parent(String name, List<NbdUri> uris) {
    public Parent {
        uris = List.copyOf(uris);
        if (uris.isEmpty()) {
            throw new IllegalArgumentException("parent " + name + " without a URI");
        }
    }
}
