package io.virtman.stack;

import java.util.Map;

/**
 * Bytes of one image, counted at the sockets, headers included, since it was attached.
 *
 * @param bytesInByParent received, by parent
 * @param guestBytesOut sent to guests of this host
 * @param cachedBytes bytes of chunks held in the cache
 */
public record ImageTraffic(
        Map<String, Long> bytesInByParent, long guestBytesOut, long cachedBytes) {
    public ImageTraffic {
        bytesInByParent = Map.copyOf(bytesInByParent);
    }
}
