package io.virtman.command;

import java.io.IOException;
import java.util.List;

/** A program ended with a status other than 0, or did not end in time. */
public final class CommandFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String standardError;

    public CommandFailedException(List<String> argv, int status, String standardError) {
        super(argv.getFirst() + " failed with status " + status + ": " + standardError.strip());
        this.status = status;
        this.standardError = standardError;
    }

    /** The exit status; 124 when the time ran out. */
    public int status() {
        return status;
    }

    public String standardError() {
        return standardError;
    }
}
