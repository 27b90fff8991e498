package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images, as a real Glance describes them and as a broken one might. */
class ImagesTest {
    private static final String ID = "585ed74e-b3e3-4ca5-a023-070bfa34a95f";
    private static final String PATH = "/v2/images/" + ID;
    private static final String RICH = FakeOpenStack.recorded("image-rich.json");

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final ServiceSession session = cloud.session();
    private final Images images = new Images(session);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    @Test
    void readsARecordedImage() {
        cloud.serve(PATH, RICH);
        GlanceImage image = images.image(ID);
        assertThat(image.name()).isEqualTo("rich ä");
        assertThat(image.status()).isEqualTo("active");
        assertThat(image.diskFormat()).isEqualTo("qcow2");
        assertThat(image.containerFormat()).isEqualTo("bare");
        assertThat(image.size()).isEqualTo(100_000);
        assertThat(image.virtualSize()).isNull();
        assertThat(image.minDisk()).isEqualTo(2);
        assertThat(image.minRam()).isEqualTo(64);
        assertThat(image.checksum()).isEqualTo("0019d23bef56a136a1891211d7007f6f");
        assertThat(image.osHashAlgo()).isEqualTo("sha512");
        assertThat(image.osHashValue()).hasSize(128);
        assertThat(image.visibility()).isEqualTo("shared");
        assertThat(image.owner()).isEqualTo(FakeOpenStack.PROJECT);
        assertThat(image.isProtected()).isFalse();
        assertThat(image.createdAt()).isEqualTo(Instant.parse("2026-11-22T17:49:00Z"));
        assertThat(image.updatedAt()).isEqualTo(Instant.parse("2026-11-22T17:49:01Z"));
        assertThat(image.properties())
                .containsEntry("hw_disk_bus", "scsi")
                .containsEntry("description", "")
                .doesNotContainKeys("stores", "os_hidden", "tags", "file", "schema");
        assertThat(cloud.asked.getLast().token()).isEqualTo("token-1");
    }

    @Test
    void makesTheRowsThatCinderMakes() throws Exception {
        cloud.serve(PATH, RICH);
        Map<String, String> recorded =
                new ObjectMapper()
                        .readValue(
                                FakeOpenStack.recorded("image-rich-cinder.json"),
                                new TypeReference<>() {});
        assertThat(images.image(ID).asCinderMetadata()).isEqualTo(recorded);
    }

    @Test
    void readsAnImageWithoutData() {
        cloud.serve(PATH, FakeOpenStack.recorded("image-queued.json"));
        GlanceImage image = images.image(ID);
        assertThat(image.status()).isEqualTo("queued");
        assertThat(image.size()).isNull();
        assertThat(image.checksum()).isNull();
        assertThat(image.asCinderMetadata()).doesNotContainKeys("size", "checksum");
    }

    @Test
    void leavesOutWhatIsNull() {
        cloud.serve(
                PATH,
                RICH.replace("\"rich ä\"", "null")
                        .replace("\"disk_format\": \"qcow2\"", "\"disk_format\": null")
                        .replace("\"os_type\": \"linux\"", "\"os_type\": null"));
        assertThat(images.image(ID).asCinderMetadata())
                .doesNotContainKeys("image_name", "name", "disk_format", "os_type")
                .containsEntry("image_id", ID);
    }

    @Test
    void asksWithTheCallersToken() {
        cloud.serve(PATH, RICH);
        assertThat(images.image(ID, "users").id()).isEqualTo(ID);
        assertThat(cloud.asked.getLast().token()).isEqualTo("users");
    }

    @Test
    void deletesWithTheCallersTokenAndOnce() {
        cloud.next(PATH, Reply.of(204));
        cloud.next(PATH, Reply.of(503));

        images.delete(ID, "users");

        assertThat(cloud.asked.getLast().token()).isEqualTo("users");
        assertThat(cloud.asked.getLast().method()).isEqualTo("DELETE");
        assertThatThrownBy(() -> images.delete(ID, "users"))
                .isInstanceOf(OpenStackException.Unavailable.class);
        assertThat(cloud.count(PATH)).isEqualTo(2);
    }

    @Test
    void callersAreRefusedAndNotReplaced() {
        cloud.next(PATH, Reply.of(404));
        cloud.next(PATH, Reply.of(403));
        cloud.next(PATH, Reply.of(401));
        assertThatThrownBy(() -> images.image(ID, "users"))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> images.image(ID, "users"))
                .isInstanceOf(OpenStackException.Forbidden.class);
        assertThatThrownBy(() -> images.image(ID, "users"))
                .isInstanceOf(OpenStackException.Unauthorized.class);
        assertThat(cloud.logins).hasValue(1);
        assertThat(cloud.count(PATH)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "a/b", "a?b", "http://evil", "a b", "%2e%2e"})
    void asksForNoOddIds(String id) {
        assertThatThrownBy(() -> images.image(id)).isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> images.dataUrl(id))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThat(cloud.asked).isEmpty();
    }

    @Test
    void saysWhereTheDataAre() {
        assertThat(images.dataUrl(ID))
                .hasToString("http://127.0.0.1:" + cloud.url().getPort() + PATH + "/file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"size\": 100000 | \"size\": \"100000\"",
                "\"size\": 100000 | \"size\": -1",
                "\"size\": 100000 | \"size\": 99999999999999999999",
                "\"min_disk\": 2 | \"min_disk\": null",
                "\"protected\": false | \"protected\": \"no\"",
                "\"status\": \"active\" | \"status\": {}",
                "\"disk_format\": \"qcow2\" | \"disk_format\": 7",
                "2026-11-22T17:49:00Z | yesterday",
                "585ed74e-b3e3-4ca5-a023-070bfa34a95f\",  | other\","
            })
    void refusesWrongTypes(String from, String to) {
        String body = RICH.replace(from, to);
        cloud.serve(PATH, body.equals(RICH) ? RICH.replace(ID + "\",\n", "other\",\n") : body);
        assertThatThrownBy(() -> images.image(ID))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void printsAsPythonDoes() {
        assertThat(PythonText.ofJson("{\"a\": [1, 2.50, true, null], \"b\\n\": \"'\\\"\\\\\"}"))
                .isEqualTo("{'a': [1, 2.5, True, None], 'b\\n': '\\'\"\\\\'}");
        assertThat(PythonText.ofJson("no json")).isEqualTo("no json");
    }
}
