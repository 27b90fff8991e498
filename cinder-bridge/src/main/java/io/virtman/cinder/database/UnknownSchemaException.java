package io.virtman.cinder.database;

/** Cinder's database isn't as this program knows it. Its message is one line for an operator. */
public final class UnknownSchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownSchemaException(String message) {
        super(message);
    }
}
