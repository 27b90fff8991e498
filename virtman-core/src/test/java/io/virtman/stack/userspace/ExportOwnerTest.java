package io.virtman.stack.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.CommandFailedException;
import io.virtman.command.ProcessCommandRunner;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What libvirt does to a disk: gives it to the user its guests run as, who opens it without the
 * page cache, and takes it back in the end. Needs root, as libvirt does.
 */
@Timeout(60)
class ExportOwnerTest {
    private static final int GUESTS = 65534; // any user but root

    @TempDir private Path directory;
    private LiveScene scene;

    @BeforeEach
    void begin() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        scene = new LiveScene(directory);
    }

    @AfterEach
    void end() throws Exception {
        scene.close();
    }

    private static void give(Path file, int user) throws IOException {
        Files.setAttribute(file, "unix:uid", user);
        Files.setAttribute(file, "unix:gid", user);
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(user);
    }

    /** As QEMU with cache=none, as another user without any privilege. */
    private void io(Path file, String... commands) throws IOException {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--reuid=" + GUESTS,
                                "--regid=" + GUESTS,
                                "--clear-groups",
                                "--bounding-set=-all",
                                "--inh-caps=-all",
                                "qemu-io",
                                "-f",
                                "raw",
                                "-t",
                                "none"));
        for (String command : commands) {
            arguments.addAll(List.of("-c", command));
        }
        arguments.add(file.toString());
        scene.run("setpriv", arguments.toArray(String[]::new));
    }

    @Test
    void aGuestsUserReadsAndWritesWhatLibvirtGivesItAndItCanBeTakenBack() throws Exception {
        Path file = scene.export("vm");
        assertThatThrownBy(() -> io(file, "read 0 4k"))
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining("Permission denied");
        give(file, GUESTS);
        io(file, "write -P 7 64k 128k", "read -P 7 64k 128k", "flush");
        assertThatThrownBy(() -> io(file, "read -P 8 64k 128k"))
                .isInstanceOf(CommandFailedException.class); // it does compare
        give(file, 0);
        assertThat(LiveScene.read(file, 64 << 10, 128 << 10)).containsOnly(7);
        assertThat(LiveScene.read(file, 0, 64 << 10)).isEqualTo(scene.image.bytes(0, 64 << 10));

        scene.layers.stop("vm");
        assertThat(scene.exportAgain("vm")).isEqualTo(file);
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(0); // libvirt gives it again
        give(file, GUESTS);
        io(file, "read -P 7 64k 128k", "write -P 9 128k 4k", "flush", "read -P 9 128k 4k");

        scene.layers.close(); // the service is restarted under the guest
        scene.exportAgain("vm");
        io(file, "read -P 9 128k 4k", "read -P 7 64k 64k");
        give(file, 0);
    }

    /** As libvirt runs QEMU: in a mount namespace that follows the host's. */
    @Test
    void aGuestThatRunsAlreadySeesADiskThatIsExportedLater() throws Exception {
        scene.export("first");
        ProcessHandle guest =
                new ProcessCommandRunner()
                        .startDetached(
                                List.of("unshare", "-m", "--propagation=slave", "sleep", "60"),
                                directory.resolve("guest.log"));
        try {
            String mounts = "/proc/" + guest.pid() + "/ns/mnt";
            Await.until(() -> !namespace(mounts).equals(namespace("/proc/self/ns/mnt")));
            Path later = scene.export("later");
            String seen = "/proc/" + guest.pid() + "/root" + later;
            assertThat(LiveScene.read(Path.of(seen), 0, 64 << 10))
                    .isEqualTo(scene.image.bytes(0, 64 << 10));
        } finally {
            guest.destroy();
        }
    }

    private static String namespace(String link) {
        try {
            return Files.readSymbolicLink(Path.of(link)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
