package io.virtman.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/** External programs that tests run for real. */
public final class Programs {
    private Programs() {}

    /**
     * The path of a program; fails the test when it is missing, since a skipped interoperability
     * test proves nothing.
     *
     * @param name e.g. {@code nbdkit}
     */
    public static String require(String name) {
        for (String directory : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":", -1)) {
            Path candidate = Path.of(directory, name);
            if (Files.isExecutable(candidate)) {
                return candidate.toString();
            }
        }
        throw new AssertionError(
                name + " is not installed; './virtman test' installs what the tests need");
    }
}
