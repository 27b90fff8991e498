package io.virtman.cinder.cloud;

import java.util.Optional;

/** Nova. As {@link ImageService} in all else. */
public interface ComputeService {
    /**
     * On which host an instance is, or is being built, and whose it is.
     *
     * @return empty when there is no such instance, or it has no host
     */
    Optional<InstancePlace> placeOf(String instance);
}
