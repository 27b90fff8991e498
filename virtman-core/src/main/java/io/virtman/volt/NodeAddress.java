package io.virtman.volt;

import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.net.URI;
import java.util.regex.Pattern;

/**
 * Where a node is reached.
 *
 * @param name the node's name, see {@link Names}
 * @param rest base URL of its REST API, {@code http://127.0.0.1:7070}, without a path
 * @param peer {@code HOST:PORT} of the NBD server its children read from
 */
public record NodeAddress(String name, String rest, String peer) {
    private static final int LONGEST = 255;
    private static final Pattern HOST_AND_PORT =
            Pattern.compile(
                    "([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]|\\[[0-9A-Fa-f:.]+\\]):([0-9]{1,5})");

    /**
     * Checks all three, since other hosts connect to what stands here.
     *
     * @throws ProblemException INVALID, naming the field
     */
    public NodeAddress {
        Names.require("node.name", name);
        requireRest(rest);
        requirePeer(peer);
    }

    private static void requireRest(String rest) {
        boolean scheme = rest.startsWith("http://") || rest.startsWith("https://");
        if (rest.length() > LONGEST
                || !scheme
                || !isHostAndPort(rest.substring(rest.indexOf("//") + 2))) {
            throw new ProblemException(
                    Kind.INVALID,
                    "node.rest",
                    "not the base URL of a node",
                    "write http://HOST:PORT without a path");
        }
    }

    /**
     * Checks the address of a NBD server.
     *
     * @throws ProblemException INVALID when it is not {@code HOST:PORT}
     */
    public static void requirePeer(String peer) {
        if (peer.length() > LONGEST || !isHostAndPort(peer)) {
            throw new ProblemException(
                    Kind.INVALID, "node.peer", "not an address of a node", "write HOST:PORT");
        }
    }

    private static boolean isHostAndPort(String text) {
        var matcher = HOST_AND_PORT.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        int port = Integer.parseInt(matcher.group(2));
        return port > 0 && port < 65_536;
    }

    /** The base URL of its REST API. */
    public URI restUri() {
        return URI.create(rest);
    }
}
