package io.virtman.cinder.volume;

import io.virtman.cinder.cloud.ComputeService;
import io.virtman.cinder.cloud.InstancePlace;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Nova's answers, with the time they take told to somebody. */
public record InstanceHosts(ComputeService compute, LongConsumer nanoseconds)
        implements ComputeService {
    @Override
    public Optional<InstancePlace> placeOf(String instance) {
        long start = System.nanoTime();
        try {
            return compute.placeOf(instance);
        } finally {
            nanoseconds.accept(System.nanoTime() - start);
        }
    }
}
