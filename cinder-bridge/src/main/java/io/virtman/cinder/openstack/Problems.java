package io.virtman.cinder.openstack;

import io.virtman.bridge.deadline.Deadline;
import io.virtman.openstack.http.OpenStackException;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.function.Supplier;

/** What OpenStack's services answer, as the errors of the seam. */
final class Problems {
    private Problems() {}

    static <T> T translate(String service, Supplier<T> call) {
        try {
            return Deadline.keep(service, call);
        } catch (OpenStackException e) {
            throw new ProblemException(kind(e), service, text(e), remedy(e), e);
        }
    }

    private static Kind kind(OpenStackException e) {
        return switch (e) {
            case OpenStackException.NotFound _ -> Kind.NOT_FOUND;
            case OpenStackException.Unavailable _ -> Kind.UNAVAILABLE;
            case OpenStackException.Forbidden _,
                    OpenStackException.Unauthorized _,
                    OpenStackException.Unexpected _ ->
                    Kind.FAILED;
        };
    }

    private static String remedy(OpenStackException e) {
        return switch (e) {
            case OpenStackException.NotFound _ -> "check that it exists, and who may use it";
            case OpenStackException.Unavailable _ -> "try again later";
            case OpenStackException.Forbidden _, OpenStackException.Unauthorized _ ->
                    "check [keystone_authtoken] and the roles of its user (virtman doctor)";
            case OpenStackException.Unexpected _ -> "check its address in the catalogue";
        };
    }

    private static String text(OpenStackException e) {
        return String.valueOf(e.getMessage());
    }
}
