package io.virtman.nbd;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where an export is, by the NBD project's {@code doc/uri.md}: {@code nbd://host:port/export} or
 * {@code nbd+unix:///export?socket=/path}.
 *
 * @param address an {@link InetSocketAddress}, unresolved, or a {@link UnixDomainSocketAddress}
 * @param export name of the export, may be empty
 */
public record NbdUri(SocketAddress address, String export) {
    private static final String FIELD = "uri";
    private static final String REMEDY =
            "write nbd://host:port/export or nbd+unix:///export?socket=/path";

    public NbdUri {
        if (!(address instanceof InetSocketAddress || address instanceof UnixDomainSocketAddress)) {
            throw invalid("the address is neither TCP nor a Unix socket");
        }
        if (export.indexOf('\0') >= 0
                || export.getBytes(StandardCharsets.UTF_8).length > NbdProtocol.MAXIMUM_STRING) {
            throw invalid("the export name is longer than 4096 bytes or contains NUL");
        }
    }

    /**
     * Reads the text form. The port defaults to 10809.
     *
     * @throws ProblemException INVALID, naming the part at fault
     */
    public static NbdUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw invalid("not a URI: " + e.getReason());
        }
        if (uri.getScheme() == null || uri.isOpaque()) {
            throw invalid("no scheme, or no '//' after it");
        }
        if (uri.getRawFragment() != null || uri.getRawUserInfo() != null) {
            throw invalid("a user or a fragment has no meaning here");
        }
        return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "nbd" -> new NbdUri(tcp(uri), export(uri));
            case "nbd+unix" -> new NbdUri(unix(uri), export(uri));
            case "nbds", "nbds+unix" -> throw invalid("TLS is not supported");
            default -> throw invalid("the scheme is not an NBD one");
        };
    }

    /** The text form; {@link #parse} gives an equal value back. */
    @Override
    public String toString() {
        if (address instanceof UnixDomainSocketAddress unix) {
            return "nbd+unix:///" + encode(export, "") + "?socket=" + encode(unix.toString(), "/");
        }
        InetSocketAddress tcp = (InetSocketAddress) address;
        String host = tcp.getHostString();
        return "nbd://"
                + (host.contains(":") ? "[" + host + "]" : host)
                + ":"
                + tcp.getPort()
                + "/"
                + encode(export, "");
    }

    private static InetSocketAddress tcp(URI uri) {
        String host = uri.getHost();
        if (host == null || host.isEmpty()) {
            throw invalid("no valid host");
        }
        if (uri.getRawQuery() != null) {
            throw invalid("parameters have no meaning with TCP");
        }
        int port = uri.getPort() < 0 ? NbdProtocol.PORT : uri.getPort();
        if (port == 0 || port > 65535) {
            throw invalid("the port is not between 1 and 65535");
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return InetSocketAddress.createUnresolved(
                bracketed ? host.substring(1, host.length() - 1) : host, port);
    }

    private static UnixDomainSocketAddress unix(URI uri) {
        if (uri.getRawAuthority() != null) {
            throw invalid("a host has no meaning with a Unix socket");
        }
        @Nullable String query = uri.getQuery();
        String prefix = "socket=";
        if (query == null || !query.startsWith(prefix + "/") || uri.getRawQuery().contains("&")) {
            throw invalid("'socket' with an absolute path is the one parameter needed");
        }
        try {
            return UnixDomainSocketAddress.of(query.substring(prefix.length()));
        } catch (InvalidPathException _) {
            throw invalid("the socket's path is not valid");
        }
    }

    private static String export(URI uri) {
        @Nullable String path = uri.getPath();
        return path == null || path.isEmpty() ? "" : path.substring(1);
    }

    private static String encode(String text, String alsoKept) {
        StringBuilder encoded = new StringBuilder();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (value & 0xff);
            boolean kept =
                    c < 128
                            && (Character.isLetterOrDigit(c)
                                    || ("-._~" + alsoKept).indexOf(c) >= 0);
            if (kept) {
                encoded.append(c);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return encoded.toString();
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(Kind.INVALID, FIELD, detail, REMEDY);
    }
}
