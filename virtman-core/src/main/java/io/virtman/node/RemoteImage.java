package io.virtman.node;

import io.virtman.image.ImageFormat;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.remote.FileHash;
import io.virtman.remote.RemoteFile;
import io.virtman.remote.RemoteImport;
import java.util.Map;

/**
 * An image on an HTTP server, as whoever adds it vouches for it.
 *
 * @param name of the image
 * @param url {@code http} or {@code https}
 * @param headers sent with every request, such as a credential; secret: kept in memory only
 * @param format declared, {@code raw} or {@code qcow2}; never guessed
 * @param length of the file in bytes
 * @param hashAlgorithm {@code sha512}, {@code sha256} or {@code md5}
 * @param hash of the whole file, hexadecimal digits in lower case
 * @param maximumBytesPerSecond of what nobody waits for, 65536 and up
 */
public record RemoteImage(
        String name,
        String url,
        Map<String, String> headers,
        String format,
        long length,
        String hashAlgorithm,
        String hash,
        long maximumBytesPerSecond) {
    private static final long SLOWEST = 65536;
    private static final int MOST_HEADERS = 32;

    public RemoteImage {
        headers = Map.copyOf(headers);
    }

    /**
     * Checks everything that can be known without asking the server.
     *
     * @throws ProblemException INVALID, naming the field
     */
    RemoteFile file() {
        Names.require("name", name);
        ImageFormat.parse(format);
        if (maximumBytesPerSecond < SLOWEST) {
            throw new ProblemException(
                    Kind.INVALID,
                    "maximumBytesPerSecond",
                    maximumBytesPerSecond + " would take too long",
                    "give " + SLOWEST + " or more");
        }
        requireHeaders(headers);
        return RemoteFile.of(url, length, new FileHash(hashAlgorithm, hash));
    }

    /** Checks headers; the error never repeats a value. */
    static void requireHeaders(Map<String, String> headers) {
        if (headers.size() > MOST_HEADERS) {
            throw new ProblemException(
                    Kind.INVALID, "headers", "too many", "give at most " + MOST_HEADERS);
        }
        RemoteImport.requireHeaders(headers);
    }

    /** Without the headers' values. */
    @Override
    public String toString() {
        return "RemoteImage[" + name + ", " + format + ", headers " + headers.keySet() + "]";
    }
}
