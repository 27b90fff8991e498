package io.virtman.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a program runs that reads what nobody vouches for: with limits on memory, processor time,
 * open files and file size, without a way to regain privileges, and, where this process is root, as
 * {@link QemuImg#NOBODY} in empty network and process namespaces.
 *
 * @param root whether this process can change to another user
 */
record Confinement(boolean root) {
    private static final long MEMORY = 2L << 30;
    private static final int OPEN_FILES = 64;
    private static final long SLACK = 1 << 20;

    /** As this process allows. */
    static Confinement here() throws IOException {
        return new Confinement(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0));
    }

    /**
     * The whole argument vector.
     *
     * @param directory entered before rights are given up; file names are relative to it
     * @param size no file grows much beyond it
     * @param processorTime after which it is killed
     */
    List<String> argv(
            Path directory, long size, Duration processorTime, String program, String... args) {
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "prlimit",
                                "--as=" + MEMORY,
                                "--core=0",
                                "--cpu=" + Math.max(1, processorTime.toSeconds()),
                                "--nofile=" + OPEN_FILES,
                                "--fsize=" + (size + SLACK),
                                "env",
                                "-i",
                                "--chdir=" + directory,
                                "LC_ALL=C",
                                "MALLOC_ARENA_MAX=2", // or its threads reserve more than MEMORY
                                "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        if (root) {
            argv.addAll(List.of("unshare", "--net", "--ipc", "--pid", "--fork", "--kill-child"));
        }
        argv.add("setpriv");
        if (root) {
            argv.addAll(
                    List.of(
                            "--reuid=" + QemuImg.NOBODY,
                            "--regid=" + QemuImg.NOBODY,
                            "--clear-groups",
                            "--bounding-set=-all",
                            "--inh-caps=-all"));
        }
        argv.add("--no-new-privs");
        argv.add(program);
        argv.addAll(List.of(args));
        return argv;
    }
}
