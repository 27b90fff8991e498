package io.virtman.problem;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An error a person can act on: it names the thing that is wrong and the remedy. The command line
 * prints it as one line, REST answers it as problem details (RFC 9457).
 */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What an error means for its caller; each boundary maps it once (exit code, HTTP status). */
    public enum Kind {
        /** The request is wrong and will stay wrong. */
        INVALID,
        /** Nobody has shown who asks, or what was shown isn't accepted. */
        UNAUTHENTICATED,
        /** Who asks is known, and may not do this. */
        FORBIDDEN,
        /** The thing named does not exist. */
        NOT_FOUND,
        /** The request contradicts what exists. */
        CONFLICT,
        /** Something needed is away; the same request may succeed later. */
        UNAVAILABLE,
        /** The work was tried and failed. */
        FAILED
    }

    private final Kind kind;
    private final String field;
    private final String detail;
    private final String remedy;

    /**
     * @param field the input or thing at fault, e.g. {@code name} or {@code --socket}
     * @param detail what is wrong, without a full stop
     * @param remedy what the reader can do about it, without a full stop
     */
    public ProblemException(Kind kind, String field, String detail, String remedy) {
        this(kind, field, detail, remedy, null);
    }

    /** As above, with the cause that made it known. */
    public ProblemException(
            Kind kind, String field, String detail, String remedy, @Nullable Throwable cause) {
        super(field + ": " + detail + "; " + remedy, cause);
        this.kind = Objects.requireNonNull(kind);
        this.field = Objects.requireNonNull(field);
        this.detail = Objects.requireNonNull(detail);
        this.remedy = Objects.requireNonNull(remedy);
    }

    /** Field, detail and remedy in one line. */
    @Override
    public String getMessage() {
        return field + ": " + detail + "; " + remedy;
    }

    public Kind kind() {
        return kind;
    }

    public String field() {
        return field;
    }

    public String detail() {
        return detail;
    }

    public String remedy() {
        return remedy;
    }
}
