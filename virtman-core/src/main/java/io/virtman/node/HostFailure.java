package io.virtman.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;

/** What a failure of the host is to callers. */
final class HostFailure {
    private HostFailure() {}

    /** FAILED with the reason the host gave; a full disk says so there. */
    static ProblemException of(String field, String detail, Exception cause) {
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return new ProblemException(
                Kind.FAILED,
                field,
                detail + ": " + reason,
                "see the node service's log for details",
                cause);
    }
}
