package io.virtman.problem;

import io.virtman.problem.ProblemException.Kind;
import java.util.regex.Pattern;

/**
 * The one rule for names of images, VMs and nodes. They become file names, socket names and URL
 * segments.
 */
public final class Names {
    /** Longest name, in characters. */
    public static final int MAXIMUM_LENGTH = 64;

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final String REMEDY =
            "use 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit and without '..'";

    private Names() {}

    /**
     * Returns {@code name} when it is valid.
     *
     * @param field what the name was given for, named in the error
     * @throws ProblemException INVALID otherwise; the message never contains control characters
     */
    public static String require(String field, String name) {
        if (name.length() > MAXIMUM_LENGTH
                || name.contains("..")
                || !VALID.matcher(name).matches()) {
            throw new ProblemException(
                    Kind.INVALID, field, "'" + printable(name) + "' is not a valid name", REMEDY);
        }
        return name;
    }

    private static String printable(String name) {
        String shortened = name.length() > 80 ? name.substring(0, 80) + "..." : name;
        return shortened
                .codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
