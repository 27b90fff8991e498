package io.virtman.cinder.volume;

import io.virtman.cinder.cloud.ComputeService;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Nova's answers, with the time they take told to somebody. */
public record InstanceHosts(ComputeService compute, LongConsumer nanoseconds)
        implements ComputeService {
    @Override
    public Optional<String> hostOf(String instance) {
        long start = System.nanoTime();
        try {
            return compute.hostOf(instance);
        } finally {
            nanoseconds.accept(System.nanoTime() - start);
        }
    }
}
