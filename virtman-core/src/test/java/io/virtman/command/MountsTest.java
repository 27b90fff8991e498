package io.virtman.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.command.Mounts.Mount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kernel's table of mounts, and who takes mounts away. */
class MountsTest {
    @Test
    void theTableIsRead() {
        String table =
                """
                44 30 0:41 / /exports/vm/disk rw,nosuid,nodev,relatime - fuse /dev/fuse rw,user_id=0
                45 30 8:1 /a /with\\040space\\134and\\303\\244 rw shared:7 master:1 - ext4 /dev/sda1 rw

                nonsense
                46 30 x:1 / /p rw - tmpfs t rw
                47 30 0:9 / /p rw -
                48 30 0:99999999999 / /p rw - tmpfs t rw
                49 30 0:50 / /odd\\9 rw - tmpfs t rw
                """;
        // as the kernel writes it, byte by byte
        assertThat(Mounts.parse(table))
                .containsExactly(
                        new Mount(41, Path.of("/exports/vm/disk"), "fuse", false),
                        new Mount(1, Path.of("/with space\\and\u00e4"), "ext4", true),
                        new Mount(50, Path.of("/odd\\9"), "tmpfs", false));
    }

    @Test
    void thisHostHasMounts() throws Exception {
        assertThat(new Mounts(new ProcessCommandRunner()).at(Path.of("/proc")))
                .extracting(Mount::type)
                .contains("proc");
    }

    @Test
    void aPathIsOnTheMountNearestToIt() throws Exception {
        Mounts mounts = new Mounts(new ProcessCommandRunner());
        assertThat(mounts.containing(Path.of("/proc/sys/kernel")).type()).isEqualTo("proc");
        assertThat(mounts.containing(Path.of("/no/such/path")).point()).isEqualTo(Path.of("/"));
    }

    @Test
    void whoIsNotRootNeedsAHelper() throws Exception {
        List<List<String>> run = new ArrayList<>();
        CommandRunner runner =
                new CommandRunner() {
                    @Override
                    public Output run(List<String> argv, Duration timeout) {
                        run.add(argv);
                        return new Output("", "");
                    }

                    @Override
                    public ProcessHandle startDetached(List<String> argv, Path log) {
                        throw new AssertionError();
                    }
                };
        new Mounts(runner, false).unmount(Path.of("/e/.vm/disk"));
        new Mounts(runner, true).unmount(Path.of("/e/.vm/disk"));
        assertThat(run)
                .containsExactly(
                        List.of("fusermount3", "-u", "-z", "/e/.vm/disk"),
                        List.of("umount", "--lazy", "--no-canonicalize", "/e/.vm/disk"));
    }
}
