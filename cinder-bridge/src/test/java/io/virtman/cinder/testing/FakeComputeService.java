package io.virtman.cinder.testing;

import io.virtman.cinder.cloud.ComputeService;
import io.virtman.cinder.cloud.InstancePlace;
import io.virtman.cinder.database.Seed;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Nova in memory. */
public final class FakeComputeService implements ComputeService {
    private final Map<String, InstancePlace> places = new ConcurrentHashMap<>();
    private volatile boolean away;

    /** An instance of the usual project is on a host from now on. */
    public void put(String instance, String host) {
        put(instance, host, Seed.PROJECT);
    }

    /** An instance is on a host from now on. */
    public void put(String instance, String host, String project) {
        places.put(instance, new InstancePlace(host, project));
    }

    /** Nova goes away, or comes back. */
    public void away(boolean now) {
        away = now;
    }

    @Override
    public Optional<InstancePlace> placeOf(String instance) {
        if (away) {
            throw new ProblemException(
                    Kind.UNAVAILABLE, "Nova", "it does not answer", "try again later");
        }
        return Optional.ofNullable(places.get(instance));
    }
}
