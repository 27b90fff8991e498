package io.virtman.openstack;

import io.virtman.openstack.http.OpenStackException;
import java.util.regex.Pattern;

/** Ids from elsewhere that are to become part of a URL. */
final class Ids {
    private static final Pattern ID = Pattern.compile("[0-9A-Za-z_-]{1,64}");

    private Ids() {}

    /** Whether it is safe in a path. */
    static boolean fits(String id) {
        return ID.matcher(id).matches();
    }

    /**
     * An id that an answer holds.
     *
     * @throws OpenStackException.Unexpected when it could not be asked for
     */
    static String answered(String what, String id) {
        if (!fits(id)) {
            throw new OpenStackException.Unexpected(what + ".id: not an id");
        }
        return id;
    }

    /**
     * The id as it is.
     *
     * @throws OpenStackException.NotFound when nothing can have that id
     */
    static String checked(String what, String id) {
        if (!fits(id)) {
            throw new OpenStackException.NotFound("no " + what + " can have this id");
        }
        return id;
    }
}
