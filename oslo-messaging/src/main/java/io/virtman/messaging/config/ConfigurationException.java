package io.virtman.messaging.config;

import io.virtman.messaging.transport.MessagingException;

/** What was configured cannot be used; says where it stands, what is wrong and what to do. */
public final class ConfigurationException extends MessagingException {
    private static final long serialVersionUID = 1;

    /** A complete sentence for whoever edits the file; never with a password in it. */
    public ConfigurationException(String message) {
        super(message);
    }

    /** The same, with what caused it. */
    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
