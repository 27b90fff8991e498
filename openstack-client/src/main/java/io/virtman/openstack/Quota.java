package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;

/**
 * How much of something a project may have.
 *
 * @param max -1 for no limit
 * @param used of that, 0 or more, and more than {@code max} where that was lowered
 */
public record Quota(long max, long used) {
    static Quota of(JsonFields absolute, String max, String used) {
        return new Quota(absolute.whole(max), absolute.count(used));
    }

    /** Whether there may be that much more. */
    public boolean allows(long more) {
        return max < 0 || more <= max - used;
    }
}
