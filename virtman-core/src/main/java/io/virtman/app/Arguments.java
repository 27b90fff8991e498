package io.virtman.app;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Checks of options that several commands have, before any work is done. */
public final class Arguments {
    private Arguments() {}

    /**
     * Checks a number.
     *
     * @param option its name, as typed
     * @throws ProblemException INVALID when it is smaller or larger
     */
    public static void requireRange(String option, int value, int smallest, int largest) {
        if (value < smallest || value > largest) {
            throw new ProblemException(
                    Kind.INVALID,
                    option,
                    value + " is out of range",
                    "give a number from " + smallest + " to " + largest);
        }
    }

    /**
     * Checks a file that is written in the end: minutes of work must not end in one that can't be.
     *
     * @param option its name, as typed
     * @param file null when the option was not given
     * @throws ProblemException INVALID when it is a directory, or its directory is not writable
     */
    public static void requireWritable(String option, @Nullable Path file) {
        if (file == null) {
            return;
        }
        Path directory = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || directory == null || !Files.isWritable(directory)) {
            throw new ProblemException(
                    Kind.INVALID,
                    option,
                    file + " can't be written",
                    "give a file in a directory that exists");
        }
    }
}
