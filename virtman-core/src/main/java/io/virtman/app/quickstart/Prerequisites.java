package io.virtman.app.quickstart;

import io.virtman.command.AptGet;
import io.virtman.command.CommandFailedException;
import io.virtman.command.CommandRunner;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The programs quickstart runs. Root on Debian gets what is missing installed; everybody else is
 * told what to install.
 */
public final class Prerequisites {
    private static final List<Program> NEEDED =
            List.of(
                    new Program("qemu-system-x86_64", "qemu-system-x86"),
                    new Program("qemu-img", "qemu-utils"),
                    new Program("mke2fs", "e2fsprogs"),
                    new Program("dpkg-deb", "dpkg"),
                    new Program("setsid", "util-linux"));
    private static final Program INSTALLER = new Program("apt-get", "apt");

    private final CommandRunner runner;
    private final List<Path> searched;
    private final boolean root;
    private final Path lists;
    private final Consumer<String> progress;

    private record Program(String name, String debianPackage) {}

    /** For this machine and user. */
    public static Prerequisites ofThisMachine(CommandRunner runner, Consumer<String> progress)
            throws IOException {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        List<Path> searched =
                // system directories too: a plain user's path often lacks them
                Stream.concat(
                                Stream.of(path.split(File.pathSeparator, -1)),
                                Stream.of("/usr/sbin", "/sbin"))
                        .filter(each -> each.startsWith("/"))
                        .map(Path::of)
                        .toList();
        boolean root =
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        return new Prerequisites(runner, searched, root, Path.of("/var/lib/apt/lists"), progress);
    }

    /**
     * @param searched directories with programs, the first match counts
     * @param root whether packages can be installed
     * @param lists where apt keeps its lists of packages
     */
    Prerequisites(
            CommandRunner runner,
            List<Path> searched,
            boolean root,
            Path lists,
            Consumer<String> progress) {
        this.runner = runner;
        this.searched = List.copyOf(searched);
        this.root = root;
        this.lists = lists;
        this.progress = progress;
    }

    /** The full path of a program, if it is here. */
    public Optional<Path> find(String program) {
        return searched.stream()
                .map(directory -> directory.resolve(program))
                .filter(Files::isExecutable)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /**
     * The full path of a program.
     *
     * @throws ProblemException UNAVAILABLE when it is not here
     */
    public Path require(String program) {
        return find(program)
                .orElseThrow(() -> problem("no program " + program, missingPackages(), null));
    }

    /**
     * Makes sure that every program is here; installs what is missing if it can, for which it may
     * take minutes.
     *
     * @throws ProblemException UNAVAILABLE with the command to install what is needed
     */
    public void ensure() throws IOException {
        if (find(INSTALLER.name()).isEmpty()) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "quickstart",
                    "this machine has no apt-get",
                    "run it on Debian 12 or later");
        }
        List<String> packages = missingPackages();
        if (packages.isEmpty()) {
            return;
        }
        if (!root) {
            throw problem("programs are missing", packages, null);
        }
        progress.accept("installing " + String.join(" ", packages) + " with apt-get");
        install(packages);
        List<String> still = missingPackages();
        if (!still.isEmpty()) {
            throw problem("apt-get succeeded, yet programs are missing", still, null);
        }
    }

    private void install(List<String> packages) throws IOException {
        AptGet aptGet = new AptGet(runner);
        if (hasLists()) {
            try {
                aptGet.install(packages);
                return;
            } catch (CommandFailedException e) {
                // most often the lists name versions that the archive has replaced since
                progress.accept("apt-get failed, trying again with fresh lists of packages");
            }
        }
        try {
            aptGet.update();
        } catch (CommandFailedException e) {
            // one unreachable source of several fails the update, yet may not matter
            progress.accept("apt-get update had errors, trying nevertheless");
        }
        try {
            aptGet.install(packages);
        } catch (CommandFailedException e) {
            throw problem("apt-get could not install it: " + lastLine(e), packages, e);
        }
    }

    private boolean hasLists() throws IOException {
        if (!Files.isDirectory(lists)) {
            return false;
        }
        try (Stream<Path> files = Files.list(lists)) {
            return files.anyMatch(file -> file.getFileName().toString().contains("_Packages"));
        }
    }

    private List<String> missingPackages() {
        return NEEDED.stream()
                .filter(program -> find(program.name()).isEmpty())
                .map(Program::debianPackage)
                .toList();
    }

    private static String lastLine(CommandFailedException failure) {
        return failure.standardError()
                .lines()
                .filter(line -> !line.isBlank())
                .reduce("status " + failure.status(), (_, last) -> last);
    }

    private static ProblemException problem(
            String detail, List<String> packages, @Nullable Throwable cause) {
        return new ProblemException(
                Kind.UNAVAILABLE,
                "quickstart",
                detail + " (" + String.join(", ", packages) + ")",
                "run as root: apt-get update && apt-get install --no-install-recommends "
                        + String.join(" ", packages),
                cause);
    }
}
