package io.virtman.bridge.config;

import io.virtman.messaging.config.ConfigurationException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Collects what is wrong while reading goes on. For one thread. */
final class Problems {
    private final Set<String> found = new LinkedHashSet<>();

    void add(String problem) {
        found.add(problem);
    }

    /** What is read, or nothing when it is wrong. */
    <T> Optional<T> collect(Supplier<T> reading) {
        try {
            return Optional.of(reading.get());
        } catch (ConfigurationException | IllegalArgumentException e) {
            add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /**
     * @throws InvalidConfigurationException with everything that was found
     */
    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new InvalidConfigurationException(all());
        }
    }

    List<String> all() {
        return new ArrayList<>(found);
    }
}
