package io.virtman.app.quickstart;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a guest says of itself on its console, once, when its work is done.
 *
 * @param name the guest's name as it saw it
 * @param bytesRead from its disk
 */
public record GuestReport(String name, long bytesRead) {
    /** Begins the line, good or bad. */
    public static final String PREFIX = "VIRTMAN-GUEST-";

    private static final Pattern READY =
            Pattern.compile("VIRTMAN-GUEST-READY (\\S{1,64}) sha256=ok bytes=([0-9]{1,15})");

    /**
     * Reads a marker line.
     *
     * @throws ProblemException FAILED when the guest found something wrong, or says anything else
     */
    public static GuestReport parse(String line) {
        Matcher ready = READY.matcher(line.strip());
        if (!ready.matches()) {
            throw new ProblemException(
                    Kind.FAILED,
                    "guest",
                    "it reports '" + line.strip() + "'",
                    "look at its console and at the node's log");
        }
        return new GuestReport(ready.group(1), Long.parseLong(ready.group(2)));
    }
}
