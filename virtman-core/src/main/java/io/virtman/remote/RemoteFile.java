package io.virtman.remote;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * A file on an HTTP server, as whoever names it vouches for it.
 *
 * @param url {@code http} or {@code https}, without a user or password in it
 * @param length in bytes, 1 and up
 * @param hash of the whole file
 */
public record RemoteFile(URI url, long length, FileHash hash) {
    /**
     * @throws ProblemException INVALID, naming the field
     */
    public RemoteFile {
        String scheme = url.getScheme() == null ? "" : url.getScheme();
        if (!scheme.matches("https?") || url.getHost() == null || url.getRawUserInfo() != null) {
            throw notUrl(null);
        }
        if (length < 1) {
            throw new ProblemException(
                    Kind.INVALID, "length", length + " is no length", "give the file's bytes");
        }
    }

    /** As the constructor, from text. */
    public static RemoteFile of(String url, long length, FileHash hash) {
        try {
            return new RemoteFile(new URI(url), length, hash);
        } catch (URISyntaxException e) {
            throw notUrl(null); // the cause would repeat what may be a password
        }
    }

    private static ProblemException notUrl(@org.jspecify.annotations.Nullable Throwable cause) {
        return new ProblemException(
                Kind.INVALID,
                "url",
                "not a URL of a file on an HTTP server",
                "give http://HOST:PORT/PATH or https://..., credentials as headers",
                cause);
    }
}
