package io.virtman.openstack.http;

import java.net.http.HttpHeaders;

/**
 * What has been answered, with a status below 300.
 *
 * @param status 200..299
 * @param headers all of them
 * @param body as text; JSON is UTF-8
 */
public record Answer(int status, HttpHeaders headers, String body) {
    /** Only how much there is: it may hold secrets. */
    @Override
    public String toString() {
        return status + ", " + body.length() + " characters";
    }
}
