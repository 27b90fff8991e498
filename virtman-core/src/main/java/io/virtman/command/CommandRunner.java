package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Runs external programs. The one place where processes begin; always an argument vector, never a
 * shell string.
 */
public interface CommandRunner {
    /**
     * Runs a program to its end with an empty standard input.
     *
     * @param argv program and arguments
     * @param timeout after which it and its children are killed
     * @throws CommandFailedException when it ends with a status other than 0, or runs out of time
     * @throws IOException when it cannot be started, or the calling thread is interrupted
     */
    Output run(List<String> argv, Duration timeout) throws IOException;

    /**
     * Starts a program that outlives this JVM: in a session of its own, with both outputs appended
     * to {@code log}.
     *
     * @return its process; it remembers the start time, so it never stands for a later one
     */
    ProcessHandle startDetached(List<String> argv, Path log) throws IOException;

    /**
     * What a program printed, each stream cut at 1 MiB.
     *
     * @param standardOutput decoded as UTF-8
     * @param standardError decoded as UTF-8
     */
    record Output(String standardOutput, String standardError) {}
}
