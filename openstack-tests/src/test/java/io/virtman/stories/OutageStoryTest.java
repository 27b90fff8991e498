package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Things die under a guest that writes. What it was told to be on the disk must be there. */
class OutageStoryTest {
    private static final String NODE = "node-" + Bed.LIBVIRT;
    private static final Consoles CONSOLES = Bed.consoles();

    @RegisterExtension private final Cloud cloud = new Cloud();

    private String volume = "";
    private String server = "";

    @BeforeEach
    void startAWriter(@TempDir Path directory) throws IOException {
        Path userData = Files.writeString(directory.resolve("user-data"), "virtman-writer\n");
        volume = cloud.volume("story-root", "--image", "guest", "--size", "1");
        server =
                cloud.server(
                        "story-writer",
                        "--volume",
                        volume,
                        "--config-drive",
                        "true",
                        "--user-data",
                        userData.toString());
        CONSOLES.awaitWritten(server, 0);
    }

    @Test
    void everyServiceIsRestarted() {
        for (String service : List.of("virtman-cinder", NODE, "volt")) {
            Bed.restart(service);
            CONSOLES.awaitWritten(server, CONSOLES.written(server));
        }
        hardRebootLosesNothing();
    }

    @Test
    void theNodeIsKilled() {
        Bed.kill(Bed.process(NODE), NODE);
        Bed.up();
        CONSOLES.awaitWritten(server, CONSOLES.written(server));
        hardRebootLosesNothing();
    }

    @Test
    void theStorageDaemonIsKilled() {
        daemons().forEach(daemon -> Bed.kill(daemon, "storage daemon"));

        Deadline.await(
                Duration.ofSeconds(60),
                "the node says that the disk was exported anew",
                () -> Metrics.get(Bed.node(Bed.LIBVIRT), "/v1/vms").contains("\"RESTARTED\""));
        hardRebootLosesNothing();
    }

    @Test
    void theHostReboots() {
        long told = CONSOLES.written(server);
        Bed.stop("virtman-cinder");
        Bed.kill(Bed.process("nova-compute-" + Bed.LIBVIRT), "nova-compute");
        // as a reset does: everything at once, and nothing in an order
        List<ProcessHandle> guests = Bed.processesWith("qemu-system", server);
        assertThat(guests).hasSize(1);
        guests.forEach(guest -> Bed.kill(guest, "guest"));
        Bed.kill(Bed.process(NODE), NODE);
        daemons().forEach(daemon -> Bed.kill(daemon, "storage daemon"));
        hostMounts().forEach(point -> new Cli(Map.of()).run("/bin/umount", "-l", point));
        assertThat(hostMounts()).isEmpty();

        Bed.up();
        assertThat(hostMounts()).anyMatch(point -> point.contains(volume));
        // Nova finds that the guest is gone, or is told to start what it still takes for running
        cloud.cli().openstack("server", "reboot", "--hard", server).orFail();
        cloud.awaitServer(server, "active");
        assertThat(recordsAfterReboot(told)).isGreaterThanOrEqualTo(told);
    }

    private void hardRebootLosesNothing() {
        cloud.cli().openstack("server", "stop", server).orFail();
        cloud.awaitServer(server, "stopped");
        long told = CONSOLES.written(server);
        cloud.cli().openstack("server", "reboot", "--hard", server).orFail();
        assertThat(recordsAfterReboot(told)).isGreaterThanOrEqualTo(told);
    }

    private long recordsAfterReboot(long told) {
        CONSOLES.awaitBoot(server, 2);
        return Deadline.awaitValue(
                        Consoles.BOOT,
                        "the second boot counts records, of which " + told + " were told",
                        () -> CONSOLES.found(server),
                        found -> found.isPresent() && found.getAsLong() > 0)
                .orElse(0);
    }

    private List<ProcessHandle> daemons() {
        return Bed.processesWith("qemu-storage-daemon", volume);
    }

    private static List<String> hostMounts() {
        return Bed.mounts().stream().filter(point -> point.contains(Bed.LIBVIRT)).toList();
    }
}
