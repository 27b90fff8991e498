package io.virtman.openstack.http;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What to ask.
 *
 * @param method GET, POST and so on
 * @param url with {@code http} or {@code https}
 * @param headers without those that the client sets itself
 * @param body JSON to send
 * @param repeatable whether it does no harm to ask twice
 */
public record Call(
        String method,
        URI url,
        Map<String, String> headers,
        @Nullable String body,
        boolean repeatable) {
    static final String TOKEN = "X-Auth-Token";

    /** Visible ASCII, which is all that a token may hold. */
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]{1,16384}");

    /**
     * Checks what goes into headers: the JDK would name the value in its exception.
     *
     * @throws OpenStackException.Unauthorized when a token is none
     */
    public Call {
        headers = Map.copyOf(headers);
        headers.forEach((name, value) -> {
            if (!VALUE.matcher(value).matches()) {
                if (name.equals(TOKEN)) {
                    throw new OpenStackException.Unauthorized("the token is malformed");
                }
                throw new IllegalArgumentException("value of header " + name);
            }
        });
    }

    /** Reads with that token. */
    public static Call get(URI url, String token) {
        return new Call("GET", url, Map.of(TOKEN, token), null, true);
    }

    /** Deletes with that token; once, since the second answer would be that it isn't there. */
    public static Call delete(URI url, String token) {
        return new Call("DELETE", url, Map.of(TOKEN, token), null, false);
    }

    /** Sends JSON, without a token. */
    public static Call post(URI url, String json, boolean repeatable) {
        return new Call("POST", url, Map.of(), json, repeatable);
    }

    /**
     * Sends JSON with that token; once, since it may make something, and an answer that is lost
     * does not say whether it has.
     */
    public static Call post(URI url, String token, String json) {
        return new Call("POST", url, Map.of(TOKEN, token), json, false);
    }

    /** The same with one more header. */
    public Call with(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new Call(method, url, all, body, repeatable);
    }

    /** Without what may be secret: headers, body, and the URL's user and query. */
    @Override
    public String toString() {
        return method + " " + url.getScheme() + "://" + host() + url.getRawPath();
    }

    private String host() {
        return url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
    }
}
