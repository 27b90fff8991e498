package io.virtman.bridge.config;

import java.util.List;

/** The configuration cannot be used; says everything that was found, not just the first. */
public final class InvalidConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Each a line for whoever edits the file: option, where it stands, what to do. No secrets. */
    @SuppressWarnings("serial") // an immutable list of strings
    private final List<String> problems;

    InvalidConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line each, at least one. */
    public List<String> problems() {
        return problems;
    }
}
