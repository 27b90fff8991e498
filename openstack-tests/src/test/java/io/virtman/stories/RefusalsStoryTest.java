package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What can't be done is refused, with a state and words that say why. */
class RefusalsStoryTest {
    @RegisterExtension private final Cloud cloud = new Cloud();

    @Test
    void attachmentOnAHostWithoutANode() {
        String volume = cloud.volume("story-nowhere", "--size", "1");
        Rest rest = Rest.admin();
        String attachment = rest.createAttachment(volume);

        Rest.Answer answer = rest.connectAttachment(attachment, "no-such-host");

        assertThat(answer.status()).isGreaterThanOrEqualTo(400);
        rest.deleteAttachment(attachment);
        cloud.awaitVolume(volume, "available");
        assertThat(cloud.messages(volume)).isNotEmpty();
    }

    @Test
    void aSizeBelowTheImages(@TempDir Path directory) {
        Path disk = directory.resolve("large.qcow2");
        cloud.cli()
                .run("/usr/bin/qemu-img", "create", "-f", "qcow2", disk.toString(), "2G")
                .orFail();
        String image =
                Cloud.text(
                        cloud.cli()
                                .json(
                                        "image",
                                        "create",
                                        "--disk-format",
                                        "qcow2",
                                        "--file",
                                        disk.toString(),
                                        "story-large"),
                        "id");
        try {
            // Cinder's API sees it by itself, since Glance knows the size of the disk
            Cli.Finished refused =
                    cloud.cli()
                            .openstack(
                                    "volume", "create", "--image", image, "--size", "1", "small");
            assertThat(refused.status()).isNotZero();
            assertThat(refused.err()).contains("400").contains("virtual size");
        } finally {
            cloud.cli().openstack("image", "delete", image).orFail();
        }
    }

    @Test
    void anEncryptedType() {
        withType(
                "story-encrypted",
                new String[] {
                    "--encryption-provider", "luks",
                    "--encryption-cipher", "aes-xts-plain64",
                    "--encryption-key-size", "256",
                    "--encryption-control-location", "front-end"
                });
    }

    @Test
    void aTypeForSeveralServersAtOnce() {
        withType("story-multiattach", new String[] {"--property", "multiattach=<is> True"});
    }

    private void withType(String name, String[] arguments) {
        String[] argv = new String[arguments.length + 5];
        System.arraycopy(new String[] {"volume", "type", "create"}, 0, argv, 0, 3);
        System.arraycopy(arguments, 0, argv, 3, arguments.length);
        argv[argv.length - 2] = "--property=volume_backend_name=virtman";
        argv[argv.length - 1] = name;
        String type = Cloud.text(cloud.cli().json(argv), "id");
        try {
            String volume = cloud.beginVolume("story-typed", "--size", "1", "--type", name);
            refused(volume);
            cloud.deleteVolume(volume);
        } finally {
            cloud.cli().openstack("volume", "type", "delete", type).orFail();
        }
    }

    private void refused(String volume) {
        cloud.awaitVolume(volume, "error");
        assertThat(cloud.messages(volume)).isNotEmpty();
    }

    @Test
    void moreThanTheQuota() {
        cloud.cli().openstack("quota", "set", "--volumes", "0", "demo").orFail();
        try {
            Cli.Finished refused =
                    Bed.demo().openstack("volume", "create", "--size", "1", "story-too-many");
            assertThat(refused.status()).isNotZero();
            assertThat(refused.err()).contains("413");
        } finally {
            cloud.cli().openstack("quota", "set", "--volumes", "1000", "demo").orFail();
        }
    }

    @Test
    void theDeletionOfWhatOthersNeed() {
        String base = cloud.volume("story-base", "--image", "guest", "--size", "1");
        String snapshot = cloud.snapshot("story-base", base);
        String clone = cloud.volume("story-clone", "--snapshot", snapshot, "--size", "1");

        // a volume with snapshots stays
        assertThat(cloud.cli().openstack("volume", "delete", base).status()).isNotZero();
        assertThat(cloud.volumeStatus(base)).isEqualTo("available");

        // a snapshot goes before the volumes made of it, which live on
        cloud.deleteSnapshot(snapshot);
        cloud.deleteVolume(base);
        String server = cloud.server("story-clone", "--volume", clone);
        Bed.consoles().awaitBoot(server, 1);
    }
}
