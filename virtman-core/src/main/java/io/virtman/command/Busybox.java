package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A static {@code busybox} binary, usable before anything is installed. */
public final class Busybox {
    private static final Duration TIME_OUT = Duration.ofMinutes(1);

    private final CommandRunner runner;
    private final Path program;

    public Busybox(CommandRunner runner, Path program) {
        this.runner = runner;
        this.program = program;
    }

    /** Replaces {@code name.xz} by {@code name}. */
    public void decompressXz(Path file) throws IOException {
        runner.run(List.of(program.toString(), "unxz", file.toString()), TIME_OUT);
    }
}
