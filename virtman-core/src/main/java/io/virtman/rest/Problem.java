package io.virtman.rest;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An error on the wire, RFC 9457.
 *
 * @param type {@code about:blank}, or {@code urn:virtman:} and the kind in lower case
 * @param title the kind of error, the same for all of its kind
 * @param status the HTTP status
 * @param detail what is wrong this time
 * @param field the input or thing at fault
 * @param remedy what to do about it
 */
public record Problem(
        String type, String title, int status, String detail, String field, String remedy) {
    static final String MEDIA_TYPE = "application/problem+json";
    private static final String OWN = "urn:virtman:";

    static Problem of(ProblemException problem) {
        Kind kind = problem.kind();
        return new Problem(
                OWN + kind.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                switch (kind) {
                    case INVALID -> "The request is not valid";
                    case UNAUTHENTICATED -> "Who asks is not known";
                    case FORBIDDEN -> "This is not allowed";
                    case NOT_FOUND -> "The thing named does not exist";
                    case CONFLICT -> "The request contradicts what exists";
                    case UNAVAILABLE -> "Something needed is away";
                    case FAILED -> "The work failed";
                },
                status(kind),
                problem.detail(),
                problem.field(),
                problem.remedy());
    }

    ProblemException exception(@Nullable Throwable cause) {
        return new ProblemException(
                kind(status), printable(field), printable(detail), printable(remedy), cause);
    }

    private static int status(Kind kind) {
        return switch (kind) {
            case INVALID -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case FAILED -> 500;
            case UNAVAILABLE -> 503;
        };
    }

    /** What a status means to a caller. */
    static Kind kind(int status) {
        return switch (status) {
            case 401 -> Kind.UNAUTHENTICATED;
            case 403 -> Kind.FORBIDDEN;
            case 404 -> Kind.NOT_FOUND;
            case 409 -> Kind.CONFLICT;
            case 502, 503, 504 -> Kind.UNAVAILABLE;
            default -> status >= 400 && status < 500 ? Kind.INVALID : Kind.FAILED;
        };
    }

    /** It comes from another host and goes to terminals. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
