package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.node.RemoteImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where an image to be added is: a file of the node's host, or of an HTTP server. */
final class ImageSource {
    private static final long LARGEST_HEADERS = 64 * 1024;

    @Parameters(index = "0", paramLabel = "NAME", description = "name of the image")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "image file on the origin's host")
    private @Nullable Path file;

    @Option(names = "--url", description = "instead of FILE: http or https")
    private @Nullable String url;

    @Option(
            names = "--hash",
            paramLabel = "ALGORITHM:HEX",
            description = "of the file at the URL: sha512:..., sha256:... or md5:...")
    private @Nullable String hash;

    @Option(
            names = "--length",
            paramLabel = "BYTES",
            description = "of the file at the URL, exactly")
    private @Nullable Long length;

    @Option(
            names = "--headers-file",
            paramLabel = "PATH",
            description = "headers to send to the URL's server, a line 'NAME: VALUE' each")
    private @Nullable Path headersFile;

    @Option(
            names = "--rate",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description =
                    "most bytes a second of what nobody waits for (default: ${DEFAULT-VALUE})")
    private long rate = 50 << 20;

    String name() {
        return name;
    }

    ImageRecord add(NodeApi node, String format) {
        if ((file == null) == (url == null)) {
            throw invalid("FILE", "give either a FILE or --url");
        }
        if (file != null) {
            return node.importImage(name, file.toAbsolutePath().toString(), format);
        }
        if (url == null || hash == null || length == null) {
            throw invalid("--url", "give --hash and --length with it");
        }
        List<String> parts = List.of(hash.split(":", 2));
        if (parts.size() != 2) {
            throw invalid("--hash", "write sha512:HEX, sha256:HEX or md5:HEX");
        }
        return node.importRemote(
                new RemoteImage(
                        name,
                        url,
                        headers(),
                        format,
                        length,
                        parts.getFirst(),
                        parts.getLast(),
                        rate));
    }

    /** From a file, since a command line is there for everyone to see. */
    private Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        if (headersFile == null) {
            return headers;
        }
        try {
            if (Files.size(headersFile) > LARGEST_HEADERS) {
                throw invalid("--headers-file", "give a file of at most 64 KiB");
            }
            for (String line : Files.readAllLines(headersFile)) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    headers.put(
                            line.substring(0, colon).strip(), line.substring(colon + 1).strip());
                } else if (!line.isBlank()) {
                    throw invalid("--headers-file", "write a line 'NAME: VALUE' for each");
                }
            }
            return headers;
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.INVALID, "--headers-file", "can't be read: " + e, "check the path", e);
        }
    }

    private static ProblemException invalid(String field, String remedy) {
        return new ProblemException(Kind.INVALID, field, "is not as expected", remedy);
    }
}
