package io.virtman.messaging.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker is: {@code rabbit://user:password@host:port,user:password@host:port/virtual
 * host?option=value}, user and password percent-encoded, IPv6 addresses in brackets. As {@code
 * oslo_messaging/transport.py}, {@code TransportURL.parse}, reads it; but a host without user and
 * password has those of the host before it.
 *
 * @param virtualHost without the slash before it; {@code /} when the URL names none
 * @param query options that override those of {@code [oslo_messaging_rabbit]}
 */
public record TransportUrl(List<Host> hosts, String virtualHost, Map<String, String> query) {
    private static final String EXAMPLE = "rabbit://user:password@host:5672/virtual_host";
    private static final int MAXIMUM_HOSTS = 1000;

    /**
     * One node of the broker.
     *
     * @param name name or address, without brackets
     * @param port 0 for the usual one: 5672, or 5671 with TLS
     */
    public record Host(String name, int port, String user, String password) {
        /** Names the host and never the password. */
        @Override
        public String toString() {
            String bracketed = name.contains(":") ? "[" + name + "]" : name;
            return port == 0 ? bracketed : bracketed + ":" + port;
        }
    }

    /** Copies what it is given. */
    public TransportUrl {
        hosts = List.copyOf(hosts);
        query = Map.copyOf(query);
        if (hosts.isEmpty() || hosts.size() > MAXIMUM_HOSTS) {
            throw new IllegalArgumentException("1 to " + MAXIMUM_HOSTS + " hosts");
        }
    }

    /**
     * Reads one.
     *
     * @throws ConfigurationException which never contains the URL, since passwords are in it
     */
    public static TransportUrl parse(String text) {
        String url = text.strip();
        int colon = url.indexOf("://");
        if (colon < 0) {
            throw wrong("has no '://'");
        }
        String scheme = url.substring(0, colon);
        if (!scheme.equals("rabbit") && !scheme.equals("kombu")) {
            throw wrong("begins with neither rabbit:// nor kombu://");
        }
        String rest = url.substring(colon + 3);
        int question = rest.indexOf('?');
        Map<String, String> query = Map.of();
        if (question >= 0) {
            query = query(rest.substring(question + 1));
            rest = rest.substring(0, question);
        }
        int slash = rest.indexOf('/');
        String path = slash < 0 ? "" : rest.substring(slash + 1);
        List<Host> hosts = hosts(slash < 0 ? rest : rest.substring(0, slash));
        // kombu opens "/" when the URL names no virtual host
        String virtualHost = path.isEmpty() ? "/" : decode(path);
        return new TransportUrl(hosts, virtualHost, query);
    }

    private static List<Host> hosts(String authority) {
        List<Host> hosts = new ArrayList<>();
        String user = "guest";
        String password = "guest";
        for (String part : authority.split(",", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int at = part.lastIndexOf('@');
            if (at >= 0) {
                String credentials = part.substring(0, at);
                int colon = credentials.indexOf(':');
                user = decode(colon < 0 ? credentials : credentials.substring(0, colon));
                password = colon < 0 ? "" : decode(credentials.substring(colon + 1));
            }
            hosts.add(host(part.substring(at + 1), user, password));
        }
        if (hosts.isEmpty()) {
            hosts.add(new Host("localhost", 0, user, password));
        }
        if (hosts.size() > MAXIMUM_HOSTS) {
            throw wrong("has more than " + MAXIMUM_HOSTS + " hosts");
        }
        return hosts;
    }

    private static Host host(String place, String user, String password) {
        int end = 0;
        String name;
        if (place.startsWith("[")) {
            end = place.indexOf(']');
            if (end < 0) {
                throw wrong("has '[' without ']'");
            }
            name = place.substring(1, end);
        } else {
            int colon = place.indexOf(':');
            name = colon < 0 ? place : place.substring(0, colon);
        }
        int colon = place.indexOf(':', end);
        String port = colon < 0 ? "" : place.substring(colon + 1);
        if (name.isEmpty()) {
            throw wrong("has a host without a name");
        }
        return new Host(name, port.isEmpty() ? 0 : port(port), user, password);
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65_536) {
                return port;
            }
        } catch (NumberFormatException e) {
            // said below; what stands there may be part of a password with an '@' or '/' in it
        }
        throw wrong("has a port that is no number from 1 to 65535");
    }

    private static Map<String, String> query(String text) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String part : text.split("&", -1)) {
            int equal = part.indexOf('=');
            if (equal > 0) {
                // several values of one option make a list, as in Python
                query.merge(
                        decode(part.substring(0, equal)),
                        decode(part.substring(equal + 1)),
                        (first, second) -> first + "," + second);
            } else if (!part.isEmpty()) {
                throw wrong("has an option without '='");
            }
        }
        return query;
    }

    private static String decode(String text) {
        try {
            // a plus sign is a plus sign: this is a URL, not a form
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw wrong("has '%' that is not followed by two hexadecimal digits");
        }
    }

    private static ConfigurationException wrong(@Nullable String what) {
        return new ConfigurationException(
                "transport_url "
                        + what
                        + "; write it as "
                        + EXAMPLE
                        + ", other characters than letters, digits and -_. percent-encoded");
    }

    /** Hosts and virtual host; never a password. */
    @Override
    public String toString() {
        return hosts.stream().map(Host::toString).collect(Collectors.joining(",", "rabbit://", ""))
                + (virtualHost.startsWith("/") ? virtualHost : "/" + virtualHost);
    }
}
