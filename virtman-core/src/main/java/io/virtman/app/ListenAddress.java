package io.virtman.app;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses to listen on. Nothing listens off loopback without TLS unless the operator insists. */
final class ListenAddress {
    private ListenAddress() {}

    /**
     * Reads {@code HOST:PORT}; port 0 takes any free one.
     *
     * @param option named in errors
     * @param insecure whether the operator gave {@code --insecure-no-tls}
     */
    static InetSocketAddress parse(String option, String text, boolean insecure) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw invalid(
                    option,
                    "'" + text + "' is not an address",
                    "write HOST:PORT, e.g. 127.0.0.1:10809");
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port > 65_535) {
            throw invalid(option, "port " + port + " is out of range", "give one from 0 to 65535");
        }
        InetAddress host;
        try {
            host = InetAddress.getByName(text.substring(0, colon).replaceAll("^\\[|]$", ""));
        } catch (UnknownHostException e) {
            throw invalid(
                    option, "'" + text + "' names no known host", "give an address of this host");
        }
        if (!host.isLoopbackAddress() && !insecure) {
            throw invalid(
                    option,
                    text + " can be reached from other hosts, and there is no TLS yet",
                    "listen on 127.0.0.1, or add --insecure-no-tls on a network you trust");
        }
        return new InetSocketAddress(host, port);
    }

    /** The address others use, with the port that was really bound. */
    static String advertised(String option, InetSocketAddress bound, int port) {
        if (bound.getAddress().isAnyLocalAddress()) {
            throw invalid(
                    option,
                    "others can't connect to a wildcard address",
                    "listen on one address of this host");
        }
        String host = bound.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static ProblemException invalid(String option, String detail, String remedy) {
        return new ProblemException(Kind.INVALID, option, detail, remedy);
    }
}
