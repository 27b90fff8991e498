package io.virtman.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Debian's package manager. Never asks questions; every download is checked against the archive's
 * signatures by apt itself.
 */
public final class AptGet {
    private static final Duration TIME_OUT = Duration.ofMinutes(10);

    private final CommandRunner runner;

    public AptGet(CommandRunner runner) {
        this.runner = runner;
    }

    /** Fetches the lists of packages into the system's state. Needs root. */
    public void update() throws IOException {
        run(List.of("update"));
    }

    /** Installs packages with what they depend on and nothing more. Needs root. */
    public void install(List<String> packages) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--no-install-recommends", "install"));
        arguments.addAll(packages);
        run(arguments);
    }

    /**
     * Fetches the lists of packages into a directory of the caller's, for {@link #download}. Needs
     * no privilege.
     *
     * @param lists an existing directory
     */
    public void updateInto(Path workspace, Path lists) throws IOException {
        List<String> arguments = new ArrayList<>(privateState(workspace));
        arguments.addAll(List.of("-o", "Dir::State::lists=" + lists, "update"));
        run(arguments);
    }

    /**
     * Downloads packages and all they depend on, as for an empty system, into {@code
     * workspace/archives}; the host's own packages are neither consulted nor changed. Needs no
     * privilege.
     *
     * @param workspace an existing directory with an empty file {@code status} and a directory
     *     {@code archives/partial}
     * @param lists where the lists of packages are, e.g. {@code /var/lib/apt/lists}
     */
    public void download(Path workspace, Path lists, List<String> packages) throws IOException {
        List<String> arguments = new ArrayList<>(privateState(workspace));
        arguments.addAll(
                List.of(
                        "-o",
                        "Dir::State::lists=" + lists,
                        "--no-install-recommends",
                        "--download-only",
                        "install"));
        arguments.addAll(packages);
        run(arguments);
    }

    private static List<String> privateState(Path workspace) {
        return List.of(
                "-o",
                "Dir::State::status=" + workspace.resolve("status"),
                "-o",
                "Dir::State::extended_states=" + workspace.resolve("extended_states"),
                "-o",
                "Dir::Cache::archives=" + workspace.resolve("archives"),
                "-o",
                "Dir::Cache::pkgcache=",
                "-o",
                "Dir::Cache::srcpkgcache=",
                "-o",
                "Debug::NoLocking=true",
                // the workspace need not be readable for apt's own user
                "-o",
                "APT::Sandbox::User=root");
    }

    private void run(List<String> arguments) throws IOException {
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "env",
                                "DEBIAN_FRONTEND=noninteractive",
                                "LC_ALL=C.UTF-8",
                                "apt-get",
                                "-q",
                                "-y",
                                "-o",
                                "Dpkg::Use-Pty=0",
                                "-o",
                                "DPkg::Lock::Timeout=300",
                                "-o",
                                "Acquire::Retries=3"));
        argv.addAll(arguments);
        runner.run(argv, TIME_OUT);
    }
}
