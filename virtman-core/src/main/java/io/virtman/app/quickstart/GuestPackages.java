package io.virtman.app.quickstart;

import io.virtman.command.AptGet;
import io.virtman.command.CommandFailedException;
import io.virtman.command.CommandRunner;
import io.virtman.command.DpkgDeb;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A guest's system: Debian packages and all they depend on, downloaded and unpacked into a private
 * directory. The host's packages and its {@code /boot} are neither consulted nor changed; no
 * privilege is needed.
 */
final class GuestPackages {
    /** Chosen so that the disk holds a multiple of what a boot reads. */
    static final List<String> NAMES =
            List.of(
                    "linux-image-cloud-amd64",
                    "busybox-static",
                    "bash",
                    "coreutils",
                    "findutils",
                    "git",
                    "grep",
                    "gzip",
                    "perl",
                    "python3",
                    "sed",
                    "tar");

    private static final Path HOST_LISTS = Path.of("/var/lib/apt/lists");

    private final AptGet aptGet;
    private final DpkgDeb dpkgDeb;

    GuestPackages(CommandRunner runner) {
        aptGet = new AptGet(runner);
        dpkgDeb = new DpkgDeb(runner);
    }

    /**
     * Downloads and unpacks.
     *
     * @param workspace an empty directory; the caller removes it
     * @return the root of the unpacked tree, inside {@code workspace}
     */
    Path unpack(Path workspace) throws IOException {
        Path archives = workspace.resolve("archives");
        Files.createDirectories(archives.resolve("partial"));
        Files.createFile(workspace.resolve("status"));
        download(workspace);
        Path tree = Files.createDirectory(workspace.resolve("tree"));
        for (Path each : list(archives)) {
            dpkgDeb.extract(each, tree);
        }
        return tree;
    }

    private void download(Path workspace) throws IOException {
        try {
            aptGet.download(workspace, HOST_LISTS, NAMES);
        } catch (CommandFailedException staleOrMissingLists) {
            Path lists = workspace.resolve("lists");
            Files.createDirectories(lists.resolve("partial"));
            try {
                aptGet.updateInto(workspace, lists);
            } catch (CommandFailedException e) {
                // one unreachable source of several fails the update, yet may not matter
                e.addSuppressed(staleOrMissingLists);
            }
            try {
                aptGet.download(workspace, lists, NAMES);
            } catch (CommandFailedException e) {
                throw new ProblemException(
                        Kind.UNAVAILABLE,
                        "guest packages",
                        "apt-get cannot download them: " + lastLine(e.standardError()),
                        "check that this Debian machine reaches its package archive, for example"
                                + " with 'apt-get update'",
                        e);
            }
        }
    }

    private static List<Path> list(Path archives) throws IOException {
        try (Stream<Path> files = Files.list(archives)) {
            return files.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static String lastLine(String text) {
        return text.lines().filter(line -> !line.isBlank()).reduce("", (first, second) -> second);
    }
}
