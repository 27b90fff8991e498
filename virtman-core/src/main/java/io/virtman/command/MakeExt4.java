package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** {@code mke2fs}: ext4 file systems filled from a directory, without mounting anything. */
public final class MakeExt4 {
    private static final Duration TIME_OUT = Duration.ofMinutes(5);
    // 2025-01-01; both variables, since e2fsprogs changed the name in 1.47.1
    private static final String TIME = "1735689600";

    private final CommandRunner runner;
    private final String program;

    /**
     * @param program {@code mke2fs} or its path
     */
    public MakeExt4(CommandRunner runner, String program) {
        this.runner = runner;
        this.program = program;
    }

    /**
     * Makes a file system that fills {@code image}.
     *
     * @param image a file to create
     * @param identity UUID and seed of the directory hashes, so that equal trees give like images
     */
    public void create(Path image, int sizeMebibytes, UUID identity, Path contents)
            throws IOException {
        runner.run(
                List.of(
                        "env",
                        "E2FSPROGS_FAKE_TIME=" + TIME,
                        "SOURCE_DATE_EPOCH=" + TIME,
                        program,
                        "-q",
                        "-F",
                        "-t",
                        "ext4",
                        "-b",
                        "4096",
                        "-m",
                        "0",
                        "-L",
                        "virtman",
                        "-U",
                        identity.toString(),
                        // no lazy initialisation: a guest would do it in the background and write
                        "-E",
                        "lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,hash_seed="
                                + identity,
                        "-d",
                        contents.toString(),
                        image.toString(),
                        sizeMebibytes + "M"),
                TIME_OUT);
    }
}
