package io.virtman.openstack;

import io.virtman.openstack.http.OpenStackException;
import org.jspecify.annotations.Nullable;

/** Fields of OpenStack4j's models, which are null where an answer lacks them. */
final class Texts {
    private Texts() {}

    static String required(String field, @Nullable String value) {
        if (value == null) {
            throw new OpenStackException.Unexpected(field + ": missing");
        }
        return value;
    }
}
