package io.virtman.remote;

import java.io.IOException;

/** The server's answer, when asking the same again would not help, or not for ever. */
final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    /** What it means. */
    enum Kind {
        /** The file is not, or no longer, what was vouched for: the import has failed. */
        LOST,
        /** The credential is missing, wrong or expired. */
        CREDENTIAL,
        /** It gives whole files only. */
        NO_RANGES,
        /** What came is not what was asked for, or can't be kept here. */
        USELESS
    }

    private final Kind kind;

    Refusal(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
