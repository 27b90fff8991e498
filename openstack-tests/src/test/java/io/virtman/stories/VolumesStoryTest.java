package io.virtman.stories;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user makes volumes of every kind, and removes them. */
class VolumesStoryTest {
    @RegisterExtension private final Cloud cloud = new Cloud();

    @Test
    void empty() {
        String id = cloud.volume("story-empty", "--size", "2");

        JsonNode volume = show(id);
        assertThat(Cloud.text(volume, "size")).isEqualTo("2");
        assertThat(Cloud.text(volume, "bootable")).isEqualTo("false");
        assertThat(Cloud.text(volume, "type")).isEqualTo("virtman");
        assertThat(Rows.one("SELECT host FROM cinder.volumes WHERE id = ?", id))
                .startsWith("testbed@virtman#");
        cloud.deleteVolume(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"guest", "guest-qcow2"})
    void ofAnImage(String image) {
        String id = cloud.volume("story-image", "--image", image, "--size", "1");

        JsonNode volume = show(id);
        assertThat(Cloud.text(volume, "bootable")).isEqualTo("true");
        assertThat(Cloud.text(volume.path("volume_image_metadata"), "image_name")).isEqualTo(image);
    }

    @Test
    void ofASnapshotAndOfAVolume() {
        String first = cloud.volume("story-first", "--image", "guest", "--size", "1");
        String snapshot = cloud.snapshot("story-snapshot", first);
        String second = cloud.volume("story-second", "--snapshot", snapshot, "--size", "2");
        String third = cloud.volume("story-third", "--source", second, "--size", "3");

        assertThat(Cloud.text(show(second), "bootable")).isEqualTo("true");
        JsonNode volume = show(third);
        assertThat(Cloud.text(volume, "bootable")).isEqualTo("true");
        assertThat(Cloud.text(volume, "size")).isEqualTo("3");
        cloud.deleteVolume(third);
        cloud.deleteVolume(second);
        cloud.deleteSnapshot(snapshot);
        cloud.deleteVolume(first);
    }

    private JsonNode show(String id) {
        return cloud.cli().json("volume", "show", id);
    }
}
