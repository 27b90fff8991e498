package io.virtman.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.CommandFailedException;
import io.virtman.command.CommandRunner;
import io.virtman.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrerequisitesTest {
    private static final String QEMU_NEEDED = "qemu-system-x86 qemu-utils";

    @TempDir Path directory;

    private final List<String> progress = new ArrayList<>();
    private final Machine machine = new Machine();
    private Path programs;
    private Path lists;

    /** A machine whose apt-get installs QEMU, possibly only after an update. */
    private final class Machine implements CommandRunner {
        private final List<String> actions = new ArrayList<>();
        private boolean updateNeeded;
        private boolean broken;

        @Override
        public Output run(List<String> argv, Duration timeout) throws IOException {
            assertThat(argv).contains("apt-get", "-y", "DEBIAN_FRONTEND=noninteractive");
            assertThat(timeout).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(15));
            boolean update = argv.contains("update");
            actions.add(update ? "update" : "install");
            if (update) {
                updateNeeded = false;
            } else {
                assertThat(argv).contains("--no-install-recommends", "qemu-system-x86");
                if (updateNeeded || broken) {
                    throw new CommandFailedException(argv, 100, "E: 404\nE: Unable to locate\n");
                }
                program("qemu-system-x86_64");
                program("qemu-img");
            }
            return new Output("", "");
        }

        @Override
        public ProcessHandle startDetached(List<String> argv, Path log) {
            throw new AssertionError("nothing to start");
        }
    }

    @BeforeEach
    void prepare() throws IOException {
        programs = Files.createDirectory(directory.resolve("bin"));
        lists = Files.createDirectory(directory.resolve("lists"));
        Files.createFile(lists.resolve("deb.debian.org_main_binary-amd64_Packages.lz4"));
        for (String name : List.of("mke2fs", "dpkg-deb", "setsid", "apt-get")) {
            program(name);
        }
    }

    private void program(String name) throws IOException {
        Files.createFile(
                programs.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private Prerequisites prerequisites(boolean root) {
        return new Prerequisites(machine, List.of(programs), root, lists, progress::add);
    }

    @Test
    void installsWhatIsMissing() throws IOException {
        prerequisites(true).ensure();
        assertThat(machine.actions).containsExactly("install");
        assertThat(progress).containsExactly("installing " + QEMU_NEEDED + " with apt-get");
        prerequisites(true).ensure(); // nothing is missing now
        assertThat(machine.actions).hasSize(1);
    }

    @Test
    void updatesFirstWhereThereAreNoLists() throws IOException {
        lists = directory.resolve("absent");
        machine.updateNeeded = true;
        prerequisites(true).ensure();
        assertThat(machine.actions).containsExactly("update", "install");
    }

    @Test
    void updatesStaleListsAndTriesAgain() throws IOException {
        machine.updateNeeded = true;
        prerequisites(true).ensure();
        assertThat(machine.actions).containsExactly("install", "update", "install");
    }

    @Test
    void saysWhyAptFailed() {
        machine.broken = true;
        assertThatThrownBy(() -> prerequisites(true).ensure())
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("E: Unable to locate")
                .hasMessageContaining("apt-get install --no-install-recommends " + QEMU_NEEDED);
    }

    @Test
    void tellsAPlainUserTheCommand() {
        assertThatThrownBy(() -> prerequisites(false).ensure())
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(
                        "run as root: apt-get update && apt-get install --no-install-recommends "
                                + QEMU_NEEDED);
        assertThat(machine.actions).isEmpty();
    }

    @Test
    void needsDebian() throws IOException {
        Files.delete(programs.resolve("apt-get"));
        assertThatThrownBy(() -> prerequisites(true).ensure())
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("Debian");
    }

    @Test
    void findsProgramsOfThisMachine() throws IOException {
        Prerequisites real = Prerequisites.ofThisMachine(machine, progress::add);
        assertThat(real.require("mke2fs")).isExecutable().isAbsolute();
        assertThat(real.find("no-such-program")).isEmpty();
    }
}
