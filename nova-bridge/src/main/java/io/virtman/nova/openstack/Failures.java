package io.virtman.nova.openstack;

import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.cloud.CloudException.Kind;
import io.virtman.openstack.http.OpenStackException;
import java.util.function.Supplier;

/** What a failed call of OpenStack means for a boot. */
final class Failures {
    private Failures() {}

    /** Makes a call. */
    static <T> T told(Supplier<T> call) {
        try {
            return call.get();
        } catch (OpenStackException e) {
            throw of(e);
        }
    }

    static CloudException of(OpenStackException e) {
        Kind kind =
                switch (e) {
                    case OpenStackException.Unavailable _ -> Kind.UNAVAILABLE;
                    case OpenStackException.Unauthorized _ -> Kind.UNAUTHORIZED;
                    case OpenStackException.Refused _,
                            OpenStackException.Forbidden _,
                            OpenStackException.NotFound _ ->
                            Kind.REFUSED;
                    case OpenStackException.Unexpected _ -> Kind.UNAVAILABLE;
                };
        String message = String.valueOf(e.getMessage());
        return new CloudException(
                kind, e.reason().isEmpty() ? message : e.reason() + " (" + message + ")", e);
    }
}
