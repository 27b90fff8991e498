package io.virtman.nova.api;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.nova.cloud.CloudException;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.function.Supplier;

/** What others couldn't do, as a caller of the API is told. */
final class Problems {
    private Problems() {}

    static ProblemException of(CloudException e) {
        return switch (e.kind()) {
            case UNAVAILABLE ->
                    new ProblemException(
                            Kind.UNAVAILABLE,
                            "OpenStack",
                            String.valueOf(e.getMessage()),
                            "try again later",
                            e);
            case REFUSED ->
                    new ProblemException(
                            Kind.CONFLICT,
                            "OpenStack",
                            String.valueOf(e.getMessage()),
                            "see what it says, and change the request",
                            e);
            case UNAUTHORIZED ->
                    new ProblemException(
                            Kind.UNAUTHENTICATED,
                            Authentication.HEADER,
                            String.valueOf(e.getMessage()),
                            "send another token",
                            e);
        };
    }

    /** Work with the database, which may be away. */
    static <T> T stored(Supplier<T> work) {
        try {
            return work.get();
        } catch (DatabaseException e) {
            if (!e.isRetryable()) {
                throw e;
            }
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "database",
                    "it is away, or too slow",
                    "try again later, with the same Idempotency-Key",
                    e);
        }
    }
}
