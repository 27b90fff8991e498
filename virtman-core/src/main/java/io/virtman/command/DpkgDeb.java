package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code dpkg-deb}: the contents of Debian package files. */
public final class DpkgDeb {
    private static final Duration TIME_OUT = Duration.ofMinutes(2);

    private final CommandRunner runner;

    public DpkgDeb(CommandRunner runner) {
        this.runner = runner;
    }

    /** Unpacks a package's files below {@code directory}; runs none of its scripts. */
    public void extract(Path packageFile, Path directory) throws IOException {
        runner.run(
                List.of("dpkg-deb", "--extract", packageFile.toString(), directory.toString()),
                TIME_OUT);
    }
}
