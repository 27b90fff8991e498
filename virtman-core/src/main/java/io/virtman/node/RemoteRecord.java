package io.virtman.node;

import io.virtman.image.ImageFormat;
import io.virtman.image.UnsealedSource;
import io.virtman.remote.FileHash;
import io.virtman.remote.RemoteFile;
import org.jspecify.annotations.Nullable;

/**
 * What the node remembers of an image imported from a server, by its name: enough to begin anew
 * after a restart, but for the headers, which are secret. It stays as long as the image, so that
 * repeating the import finds it.
 *
 * @param image id; null until the catalogue has the image
 * @param hasHeaders whether requests need headers
 * @param diskSize bytes; 0 until known
 * @param failure why the import failed; null unless it did
 */
public record RemoteRecord(
        String name,
        @Nullable String image,
        String url,
        boolean hasHeaders,
        String format,
        long length,
        String hashAlgorithm,
        String hash,
        long bytesPerSecond,
        long diskSize,
        @Nullable String failure) {
    static RemoteRecord of(RemoteImage image) {
        return new RemoteRecord(
                image.name(),
                null,
                image.url(),
                !image.headers().isEmpty(),
                image.format(),
                image.length(),
                image.hashAlgorithm(),
                image.hash(),
                image.maximumBytesPerSecond(),
                0,
                null);
    }

    /** Whether that would be the same image. */
    boolean isOf(RemoteImage other) {
        return url.equals(other.url())
                && format.equals(other.format())
                && length == other.length()
                && hashAlgorithm.equals(other.hashAlgorithm())
                && hash.equals(other.hash());
    }

    String id() {
        if (image == null) {
            throw new IllegalStateException("an import that is not in the catalogue");
        }
        return image;
    }

    /** Whether it can be attached before it is sealed, as far as is known. */
    boolean canBeLive() {
        return diskSize >= UnsealedSource.SMALLEST;
    }

    RemoteFile file() {
        return RemoteFile.of(url, length, new FileHash(hashAlgorithm, hash));
    }

    ImageFormat imageFormat() {
        return ImageFormat.parse(format);
    }

    RemoteRecord as(String id, long size) {
        return new RemoteRecord(
                name,
                id,
                url,
                hasHeaders,
                format,
                length,
                hashAlgorithm,
                hash,
                bytesPerSecond,
                size,
                failure);
    }

    RemoteRecord failed(String reason) {
        return new RemoteRecord(
                name,
                image,
                url,
                hasHeaders,
                format,
                length,
                hashAlgorithm,
                hash,
                bytesPerSecond,
                diskSize,
                reason);
    }
}
