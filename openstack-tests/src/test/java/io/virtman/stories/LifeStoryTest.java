package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server's ordinary life: stopped, started, rebooted, given a disk and relieved of it. */
class LifeStoryTest {
    @RegisterExtension private final Cloud cloud = new Cloud();

    @Test
    void rebootsGoOnWhereTheyWere() {
        String volume = cloud.volume("story-root", "--image", "guest", "--size", "1");
        String server = cloud.server("story-life", "--volume", volume);
        Bed.consoles().awaitBoot(server, 1);

        cloud.cli().openstack("server", "stop", server).orFail();
        cloud.awaitServer(server, "stopped");
        cloud.cli().openstack("server", "start", server).orFail();
        cloud.awaitServer(server, "active");
        Bed.consoles().awaitBoot(server, 2);

        cloud.cli().openstack("server", "reboot", "--hard", server).orFail();
        Bed.consoles().awaitBoot(server, 3);
        cloud.awaitServer(server, "active");
    }

    @Test
    void aDiskComesGoesGrowsAndComesBack() {
        String root = cloud.volume("story-root", "--image", "guest", "--size", "1");
        String data = cloud.volume("story-data", "--size", "1");
        String server = cloud.server("story-disks", "--volume", root);
        Bed.consoles().awaitBoot(server, 1);

        attach(server, data);
        Bed.consoles().await(server, "VIRTMAN-DISK vdb 1024 SEEN 1");
        detach(server, data);
        Bed.consoles().await(server, "VIRTMAN-DISK-GONE vdb");

        cloud.cli().openstack("volume", "set", "--size", "2", data).orFail();
        cloud.awaitVolume(data, "available");
        assertThat(Rows.one("SELECT size FROM cinder.volumes WHERE id = ?", data)).isEqualTo("2");
        attach(server, data);
        Bed.consoles().await(server, "VIRTMAN-DISK vdb 2048 SEEN 2");
        detach(server, data);
    }

    private void attach(String server, String volume) {
        cloud.cli().openstack("server", "add", "volume", server, volume).orFail();
        cloud.awaitVolume(volume, "in-use");
    }

    private void detach(String server, String volume) {
        cloud.cli().openstack("server", "remove", "volume", server, volume).orFail();
        cloud.awaitVolume(volume, "available");
    }
}
