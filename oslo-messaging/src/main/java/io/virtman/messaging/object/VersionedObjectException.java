package io.virtman.messaging.object;

/**
 * A versioned object is not what was expected. Says which object and which field; never a value,
 * since values may be secret.
 */
public final class VersionedObjectException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** Names the object and the field. */
    public VersionedObjectException(String message) {
        super(message);
    }
}
