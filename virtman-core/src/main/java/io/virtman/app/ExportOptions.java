package io.virtman.app;

import io.virtman.block.ImageDigest;
import io.virtman.image.ImageFormat;
import io.virtman.nbd.NbdUri;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What {@code virtman export} is told: what to serve, and where. */
final class ExportOptions {
    private ExportOptions() {}

    /** An image or parents. */
    static final class Source {
        @ArgGroup(exclusive = false)
        @Nullable Image image;

        @ArgGroup(exclusive = false)
        @Nullable Parents parents;

        Parents parents() {
            return Objects.requireNonNull(parents);
        }

        /** Reads everything, so that what is wrong is known before anything is opened. */
        void check() {
            if (image != null) {
                image.format();
            } else {
                parents().uris();
                parents().digest();
            }
        }
    }

    /** A file of this host. */
    static final class Image {
        @Option(
                names = "--image",
                paramLabel = "FILE",
                required = true,
                description = "serve this image file; nothing may write to it meanwhile")
        Path file = Path.of("");

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description =
                        "raw or qcow2; never guessed from the content (default: raw for names ending in .raw or"
                                + " .img, else it must be given). qcow2 is imported first")
        private @Nullable String format;

        ImageFormat format() {
            if (format != null) {
                try {
                    return ImageFormat.parse(format);
                } catch (ProblemException e) {
                    throw invalid("--format", e);
                }
            }
            String name = file.toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".raw") || name.endsWith(".img")) {
                return ImageFormat.RAW;
            }
            throw new ProblemException(
                    Kind.INVALID,
                    "--format",
                    "is missing, and the name " + file + " does not end in .raw or .img",
                    "add --format raw or --format qcow2");
        }
    }

    /** Other servers of the same disk. */
    static final class Parents {
        @Option(
                names = "--parent",
                paramLabel = "NBD-URI",
                required = true,
                description =
                        "serve the disk of this NBD export through a cache; give several for failover, the preferred"
                                + " one first. Without --digest the parent is trusted: whatever it sends is taken for"
                                + " right, and what is cached of it is used in this run only")
        private List<String> texts = new ArrayList<>();

        @Option(
                names = "--digest",
                paramLabel = "HEX",
                description =
                        "digest of the disk, as 'virtman export --image' prints it: everything served is verified, a"
                                + " parent that sends anything else is dropped and named. If no parent has the hash"
                                + " tree, one parent's disk is read through once to make it")
        private @Nullable String digestText;

        List<NbdUri> uris() {
            return texts.stream().map(Parents::uri).toList();
        }

        private static NbdUri uri(String text) {
            try {
                return NbdUri.parse(text);
            } catch (ProblemException e) {
                throw invalid("--parent " + text, e);
            }
        }

        @Nullable ImageDigest digest() {
            if (digestText == null) {
                return null;
            }
            try {
                return new ImageDigest(digestText.toLowerCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new ProblemException(
                        Kind.INVALID,
                        "--digest",
                        "'" + digestText + "' is not a digest",
                        "give the 64 hexadecimal digits that 'virtman export --image' prints",
                        e);
            }
        }
    }

    /** One address. */
    static final class Address {
        @Option(
                names = "--socket",
                paramLabel = "PATH",
                description = "listen on this Unix socket; one left by a dead process is replaced")
        private @Nullable Path socket;

        @Option(
                names = "--listen",
                paramLabel = "HOST:PORT",
                description = "listen on this TCP address; port 0 takes a free one, see the log")
        private @Nullable String listen;

        SocketAddress parse(boolean insecure) {
            return socket != null
                    ? UnixDomainSocketAddress.of(socket.toAbsolutePath())
                    : ListenAddress.parse("--listen", Objects.requireNonNull(listen), insecure);
        }

        /** As it was given, for errors. */
        String option() {
            return socket != null ? "--socket" : "--listen";
        }

        String remedy() {
            return socket != null
                    ? "give another path, or stop what listens there"
                    : "give another address or port, or stop what listens there";
        }
    }

    private static ProblemException invalid(String field, ProblemException e) {
        return new ProblemException(Kind.INVALID, field, e.detail(), e.remedy(), e);
    }
}
