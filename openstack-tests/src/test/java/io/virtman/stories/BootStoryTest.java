package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A user boots many servers of one snapshot, and one of an image. */
class BootStoryTest {
    private static final int MANY = 8;
    private static final long IMAGE_BYTES = 24L << 20;

    @RegisterExtension private final Cloud cloud = new Cloud();

    @Test
    void manyOfOneSnapshot() {
        // one that no host has seen, so that all of its data has to come
        String image = cloud.image("story-boot", "raw", Bed.directory().resolve("guest.raw"));
        String base = cloud.volume("story-base", "--image", image, "--size", "1");
        String snapshot = cloud.snapshot("story-base", base);
        long peers = fromPeers();

        cloud.cli()
                .run(
                        "/usr/bin/nova",
                        "boot",
                        "--flavor",
                        "t.tiny",
                        "--nic",
                        "none",
                        "--availability-zone",
                        "nova:" + Bed.LIBVIRT,
                        "--block-device",
                        "source=snapshot,id="
                                + snapshot
                                + ",dest=volume,size=1,bootindex=0,shutdown=remove",
                        "--min-count",
                        "" + MANY,
                        "--max-count",
                        "" + MANY,
                        "story-many")
                .orFail();
        List<String> servers =
                Deadline.awaitValue(
                        Duration.ofSeconds(60),
                        MANY + " servers",
                        () -> serversNamed("story-many"),
                        ids -> ids.size() == MANY);
        servers.forEach(cloud::adoptServer);
        servers.forEach(id -> cloud.awaitServer(id, "active"));
        servers.forEach(id -> Bed.consoles().awaitBoot(id, 1));

        // Eight guests read the image, whose data came to their host once: from Glance, which notes
        // what goes into its sockets, headers too, or from other hosts, then with its hash tree.
        long glance = Bed.bytesFromGlance(image);
        assertThat(glance + fromPeers() - peers).isBetween(1L << 20, IMAGE_BYTES + IMAGE_BYTES / 8);
    }

    @Test
    void oneOfAnImage() {
        String id = cloud.server("story-one", "--boot-from-volume", "1", "--image", "guest-qcow2");
        // the client has no word for "delete it with the server" in this API version
        String volume =
                Rows.one(
                        "SELECT volume_id FROM nova.block_device_mapping"
                                + " WHERE instance_uuid = ? AND deleted = 0",
                        id);
        cloud.adoptVolume(volume);
        Bed.consoles().awaitBoot(id, 1);
        assertThat(cloud.volumeStatus(volume)).isEqualTo("in-use");
    }

    private static long fromPeers() {
        return Metrics.value(Bed.node(Bed.LIBVIRT), "virtman_node_peer_in_bytes_total");
    }

    private static List<String> serversNamed(String prefix) {
        return Rows.all(
                        "SELECT uuid FROM nova.instances WHERE deleted = 0 AND display_name LIKE ?",
                        prefix + "-%")
                .stream()
                .map(List::getFirst)
                .toList();
    }
}
