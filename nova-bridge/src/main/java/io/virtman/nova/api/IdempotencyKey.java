package io.virtman.nova.api;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls its request, so that it may send it again (RFC draft idempotency-key-header).
 */
final class IdempotencyKey {
    private IdempotencyKey() {}

    /**
     * @throws ProblemException when it is none
     */
    static void require(@Nullable String key) {
        if (key != null && !key.matches("[\\x21-\\x7e]{1,255}")) {
            throw new ProblemException(
                    Kind.INVALID,
                    "Idempotency-Key",
                    "is empty, too long, or has other characters than visible ASCII",
                    "send 1 to 255 of these, e.g. a UUID");
        }
    }
}
