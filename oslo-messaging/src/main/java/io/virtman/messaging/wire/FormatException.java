package io.virtman.messaging.wire;

/**
 * A message breaks a rule. Stays inside this package: {@link MessageCodec} adds what can be
 * salvaged and throws {@link MalformedMessageException}. Its text names fields, never values, since
 * values may be secret.
 */
final class FormatException extends Exception {
    private static final long serialVersionUID = 1;

    FormatException(String message) {
        super(message);
    }
}
