package io.virtman.cinder.volume;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Requests that a host was asked about and didn't answer, which it may have heeded. Such a one is
 * repeated, so often at most. Safe for many threads.
 */
final class Unanswered {
    /** Some three minutes when it doesn't even refuse, with the pauses between them more. */
    private static final int LIMIT = 20;

    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    /**
     * Whether to ask again what has failed like this.
     *
     * @param id of what is made or changed
     */
    boolean again(String id, ProblemException problem) {
        if (problem.kind() == Kind.UNAVAILABLE && attempts.merge(id, 1, Integer::sum) < LIMIT) {
            return true;
        }
        attempts.remove(id);
        return false;
    }

    /** Forgets how often it was asked. */
    void answered(String id) {
        attempts.remove(id);
    }
}
