package io.virtman.cinder.engine;

import java.net.URI;
import java.util.Map;

/**
 * An image file on an HTTP server.
 *
 * @param name of the image in Volt's catalogue
 * @param url of the file
 * @param headers with which to ask for it; secret
 * @param format {@code raw} or {@code qcow2}
 * @param length bytes of the file
 * @param hashAlgorithm {@code sha512}, {@code sha256} or {@code md5}
 * @param hash of the whole file, hexadecimal
 * @param bytesPerSecond of the import in the background, at most; 0 for no limit
 */
public record RemoteSource(
        String name,
        URI url,
        Map<String, String> headers,
        String format,
        long length,
        String hashAlgorithm,
        String hash,
        long bytesPerSecond) {
    /** Copies the map. */
    public RemoteSource {
        headers = Map.copyOf(headers);
    }

    /** Without the headers, which are secret. */
    @Override
    public String toString() {
        return name + " from " + url + " (" + format + ", " + length + " bytes)";
    }
}
