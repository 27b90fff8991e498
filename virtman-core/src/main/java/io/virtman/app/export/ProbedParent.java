package io.virtman.app.export;

import io.virtman.block.ImageDigest;
import io.virtman.image.HashTreeLayout;
import io.virtman.nbd.NbdClient;
import io.virtman.nbd.NbdRefusal;
import io.virtman.nbd.NbdUri;
import io.virtman.peer.Parent;
import io.virtman.stack.PeerExportName;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parent as it was found at the start.
 *
 * @param size bytes of its disk; 0 when it did not answer
 * @param offersTree whether it claims to have the hash tree as well
 * @param failure why it could not be reached, else null
 */
record ProbedParent(NbdUri uri, long size, boolean offersTree, @Nullable String failure) {
    /** For connecting once: a parent that is away must not hold up the start for long. */
    static final Duration CONNECT_BOUND = Duration.ofSeconds(5);

    static ProbedParent probe(NbdUri uri, @Nullable ImageDigest digest) {
        long size;
        try (NbdClient client = NbdClient.connect(uri, CONNECT_BOUND)) {
            size = client.size();
        } catch (NbdRefusal e) {
            return new ProbedParent(uri, 0, false, "refuses the export: " + e.getMessage());
        } catch (IOException e) {
            return new ProbedParent(uri, 0, false, reason(e));
        }
        if (size < 1) {
            return new ProbedParent(uri, 0, false, "its disk is empty");
        }
        if (size > HashTreeLayout.MAXIMUM_SIZE) {
            return new ProbedParent(uri, 0, false, "its disk of " + size + " bytes is too large");
        }
        return new ProbedParent(uri, size, digest != null && offersTree(uri, digest, size), null);
    }

    private static String reason(IOException e) {
        if (e instanceof SocketTimeoutException) {
            return "no answer in " + CONNECT_BOUND.toSeconds() + " s";
        }
        Throwable cause = e.getCause();
        String message = cause == null ? e.getMessage() : cause.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    /** Some servers open any name and give the disk: only the size tells that the tree is there. */
    private static boolean offersTree(NbdUri uri, ImageDigest digest, long size) {
        try (NbdClient client = NbdClient.connect(withTree(uri, digest), CONNECT_BOUND)) {
            return client.size() == new HashTreeLayout(size).wholeSize();
        } catch (IOException _) {
            return false;
        }
    }

    /** The export at the parent's address that has disk and tree. */
    static NbdUri withTree(NbdUri uri, ImageDigest digest) {
        return new NbdUri(
                uri.address(), new PeerExportName(digest, PeerExportName.ANY_SIZE, 1).toString());
    }

    String name() {
        return uri.toString();
    }

    boolean reachable() {
        return failure == null;
    }

    /** To be asked for the disk. */
    Parent forDisk(ImageDigest digest) {
        return new Parent(name(), List.of(withTree(uri, digest), uri));
    }

    /** To be asked for the tree; one that lacks it would be dropped for that. */
    Parent forTree(ImageDigest digest) {
        return new Parent(name(), List.of(withTree(uri, digest)));
    }
}
