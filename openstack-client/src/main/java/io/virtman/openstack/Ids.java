package io.virtman.openstack;

import io.virtman.openstack.http.OpenStackException;
import java.util.regex.Pattern;

/** Ids from elsewhere that are to become part of a URL. */
final class Ids {
    private static final Pattern ID = Pattern.compile("[0-9A-Za-z_-]{1,64}");

    private Ids() {}

    /**
     * The id as it is.
     *
     * @throws OpenStackException.NotFound when nothing can have that id
     */
    static String checked(String what, String id) {
        if (!ID.matcher(id).matches()) {
            throw new OpenStackException.NotFound("no " + what + " can have this id");
        }
        return id;
    }
}
