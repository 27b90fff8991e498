package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Making servers with Nova, and finding them again. */
class BuildsTest {
    private static final String SERVERS = "/v2.1/servers";
    private static final String LIST = SERVERS + "/detail?tags=boot-7&limit=100";
    private static final String ID = "64a8ebca-08d9-4ef6-ad9e-5103499b5b84";
    private static final String SERVER = FakeOpenStack.recorded("server-built.json");
    private static final String USER_DATA = "I2Nsb3VkLWNvbmZpZwpwYXNzd29yZDogczNjcjN0Cg==";

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final ServiceSession session = cloud.session();
    private final Builds builds = new Builds(session);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    private static NewServers all() {
        return new NewServers(
                "web",
                3,
                "m1.small",
                new BootDisk(BootDisk.Source.SNAPSHOT, "snap", 10, "fast"),
                new Networks.Listed(List.of("net-1", "net-2")),
                "mine",
                USER_DATA,
                "zone-1",
                "group-1",
                Map.of("boot", "7"),
                List.of("boot-7"));
    }

    private static NewServers few() {
        return new NewServers(
                "web",
                1,
                "1",
                new BootDisk(BootDisk.Source.IMAGE, "image", 1, null),
                Networks.Automatic.NONE,
                null,
                null,
                null,
                null,
                Map.of(),
                List.of());
    }

    private JsonNode sent(NewServers servers) throws IOException {
        cloud.serve(SERVERS, new Reply(202, "{\"reservation_id\": \"r-1\"}", false));
        assertThat(builds.create(servers)).isEqualTo("r-1");
        assertThat(cloud.asked.getLast().method()).isEqualTo("POST");
        assertThat(cloud.asked.getLast().token()).isEqualTo("token-1");
        assertThat(cloud.asked.getLast().microversion()).isEqualTo("compute 2.67");
        return new ObjectMapper().readTree(cloud.asked.getLast().body());
    }

    @Test
    void asksForServersThatBootFromASnapshot() throws Exception {
        assertThat(sent(all()))
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        """
                                        {"server": {
                                          "name": "web", "flavorRef": "m1.small",
                                          "min_count": 3, "max_count": 3,
                                          "return_reservation_id": true,
                                          "block_device_mapping_v2": [{
                                            "boot_index": 0, "source_type": "snapshot",
                                            "destination_type": "volume", "uuid": "snap",
                                            "volume_size": 10, "volume_type": "fast",
                                            "delete_on_termination": true}],
                                          "networks": [{"uuid": "net-1"}, {"uuid": "net-2"}],
                                          "metadata": {"boot": "7"}, "tags": ["boot-7"],
                                          "key_name": "mine", "user_data": "%s",
                                          "availability_zone": "zone-1"},
                                         "os:scheduler_hints": {"group": "group-1"}}
                                        """
                                                .formatted(USER_DATA)));
    }

    @Test
    void leavesOutWhatIsNotAskedFor() throws Exception {
        assertThat(sent(few()))
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        """
                                        {"server": {
                                          "name": "web", "flavorRef": "1",
                                          "min_count": 1, "max_count": 1,
                                          "return_reservation_id": true,
                                          "block_device_mapping_v2": [{
                                            "boot_index": 0, "source_type": "image",
                                            "destination_type": "volume", "uuid": "image",
                                            "volume_size": 1, "delete_on_termination": true}],
                                          "networks": "none", "metadata": {}, "tags": []}}
                                        """));
    }

    @Test
    void neverAsksTwice() {
        for (Reply reply : List.of(Reply.LOST, Reply.of(503), Reply.of(500), Reply.of(429))) {
            cloud.next(SERVERS, reply);
            assertThatThrownBy(() -> builds.create(all()))
                    .isInstanceOf(OpenStackException.Unavailable.class);
        }
        assertThat(cloud.count(SERVERS)).isEqualTo(4);
    }

    @Test
    void asksAgainWhenOnlyTheTokenWasRefused() throws Exception {
        session.token();
        cloud.next(SERVERS, Reply.of(401));
        cloud.serve(SERVERS, "{\"reservation_id\": \"r-1\"}");
        assertThat(builds.create(few())).isEqualTo("r-1");
        assertThat(cloud.asked.getLast().token()).isEqualTo("token-2");
        assertThat(cloud.count(SERVERS)).isEqualTo(2);
    }

    @Test
    void saysWhatNovaSays() {
        cloud.serve(
                SERVERS,
                new Reply(
                        403,
                        "{\"forbidden\": {\"code\": 403, \"message\": \"Quota exceeded for cores\"}}",
                        false));
        assertThatThrownBy(() -> builds.create(all()))
                .isInstanceOfSatisfying(
                        OpenStackException.Refused.class,
                        refused -> assertThat(refused.reason()).startsWith("Quota exceeded"));
    }

    @Test
    void userDataStaysSecret() {
        cloud.serve(
                SERVERS,
                new Reply(
                        400,
                        "{\"badRequest\": {\"message\": \"Value: {'user_data': '"
                                + USER_DATA
                                + "'}\"}}",
                        false));
        assertThatThrownBy(() -> builds.create(all()))
                .isInstanceOfSatisfying(
                        OpenStackException.Refused.class,
                        refused -> assertThat(refused.reason()).isEmpty());
        assertThat(all()).hasToString("3 x web");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "{\"reservation_id\": 7}", "{\"server\": {}}"})
    void refusesOtherAnswersToACreate(String body) {
        cloud.serve(SERVERS, body);
        assertThatThrownBy(() -> builds.create(all()))
                .isInstanceOf(OpenStackException.Unexpected.class);
        assertThat(cloud.count(SERVERS)).isEqualTo(1);
    }

    private static String page(int from, int to, String links) {
        StringBuilder servers = new StringBuilder();
        for (int i = from; i < to; i++) {
            String server = SERVER.replace(ID, new UUID(0, i).toString());
            servers.append(i == from ? "" : ",").append(server);
        }
        return "{\"servers\": [" + servers + "]" + links + "}";
    }

    private static final String NEXT =
            ", \"servers_links\": [{\"rel\": \"next\", \"href\": \"http://evil/\"}]";

    @Test
    void readsAServer() {
        cloud.serve(SERVERS + "/" + ID, "{\"server\": " + SERVER + "}");
        assertThat(builds.find(ID))
                .contains(
                        new BuiltServer(
                                ID,
                                "web-1",
                                "ERROR",
                                null,
                                Map.of("boot", "7"),
                                "No valid host was found.",
                                null,
                                Instant.parse("2026-11-22T18:06:35Z"),
                                Instant.parse("2026-11-22T18:06:38Z"),
                                List.of("585ed74e-b3e3-4ca5-a023-070bfa34a95f")));
        assertThat(builds.find(new UUID(0, 1).toString())).isEmpty();
        cloud.serve(SERVERS + "/other", "{\"server\": " + SERVER + "}");
        assertThatThrownBy(() -> builds.find("other"))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void readsAServerThatIsBeingBuilt() {
        String young =
                """
                {"server": {"id": "x", "name": "n", "status": "BUILD", "metadata": {},
                 "OS-EXT-STS:task_state": "scheduling", "OS-EXT-SRV-ATTR:host": "",
                 "created": "2026-11-22T18:06:35Z", "OS-SRV-USG:launched_at": null,
                 "os-extended-volumes:volumes_attached": []}}
                """;
        cloud.serve(SERVERS + "/x", young);
        assertThat(builds.find("x"))
                .contains(
                        new BuiltServer(
                                "x",
                                "n",
                                "BUILD",
                                "scheduling",
                                Map.of(),
                                null,
                                null,
                                Instant.parse("2026-11-22T18:06:35Z"),
                                null,
                                List.of()));
        cloud.serve(SERVERS + "/x", young.replace("host\": \"\"", "host\": \"compute-1\""));
        assertThat(builds.find("x").orElseThrow().host()).isEqualTo("compute-1");
    }

    @Test
    void faultsAreOnOneShortLine() {
        cloud.serve(
                SERVERS + "/" + ID,
                "{\"server\": "
                        + SERVER.replace(
                                "No valid host was found.", "a\\n\\u001bb" + "c".repeat(600))
                        + "}");
        assertThat(builds.find(ID).orElseThrow().fault()).startsWith("a bc").hasSize(500);
    }

    @Test
    void followsPages() {
        cloud.serve(LIST, page(0, 20, NEXT));
        cloud.serve(LIST + "&marker=" + new UUID(0, 19), page(20, 40, NEXT));
        cloud.serve(LIST + "&marker=" + new UUID(0, 39), page(39, 50, ""));
        assertThat(builds.list("boot-7")).hasSize(50);
        assertThat(cloud.asked).hasSize(4);
    }

    @Test
    void pagesEnd() {
        cloud.serve(LIST, page(0, 2, NEXT));
        cloud.serve(LIST + "&marker=" + new UUID(0, 1), page(0, 2, NEXT));
        assertThatThrownBy(() -> builds.list("boot-7"))
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessageContaining("twice");
        cloud.serve(LIST + "&marker=" + new UUID(0, 1), page(0, 0, NEXT));
        assertThat(builds.list("boot-7")).hasSize(2);
    }

    @Test
    void countsPages() {
        cloud.serve(LIST, page(0, 1, NEXT));
        for (int i = 0; i < 100; i++) {
            cloud.serve(LIST + "&marker=" + new UUID(0, i), page(i + 1, i + 2, NEXT));
        }
        assertThatThrownBy(() -> builds.list("boot-7"))
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessageContaining("more than");
        assertThat(cloud.asked).hasSize(101);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"servers\": null}",
                "{\"servers\": {}}",
                "{\"servers\": [null]}",
                "{\"servers\": [{\"id\": \"a&b\"}]}"
            })
    void anAnswerThatIsNoListIsNotAnEmptyList(String body) {
        cloud.serve(LIST, body);
        assertThatThrownBy(() -> builds.list("boot-7"))
                .isInstanceOf(OpenStackException.Unexpected.class);
        cloud.serve(LIST, "{\"servers\": []}");
        assertThat(builds.list("boot-7")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"status\": \"ERROR\" | \"state\": 7",
                "\"boot\": \"7\" | \"boot\": 7",
                "\"metadata\": { | \"metadata\": 7, \"x\": {",
                "2026-11-22T18:06:35Z | yesterday",
                "585ed74e-b3e3-4ca5-a023-070bfa34a95f | ../x"
            })
    void refusesWrongTypes(String from, String to) {
        cloud.serve(LIST, "{\"servers\": [" + SERVER.replace(from, to) + "]}");
        assertThatThrownBy(() -> builds.list("boot-7"))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void refusesLongAnswers() {
        cloud.serve(LIST, "{\"servers\": [" + " ".repeat(64 << 10) + "]}");
        assertThatThrownBy(() -> builds.list("boot-7"))
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessageContaining("longer than");
    }

    @Test
    void deletes() {
        cloud.next(SERVERS + "/" + ID, Reply.of(204));
        assertThat(builds.delete(ID)).isTrue();
        assertThat(cloud.asked.getLast().method()).isEqualTo("DELETE");
        assertThat(builds.delete(ID)).isFalse();
        assertThat(builds.delete("../flavors")).isFalse();
        cloud.serve(SERVERS + "/" + ID, Reply.of(409));
        assertThatThrownBy(() -> builds.delete(ID)).isInstanceOf(OpenStackException.Refused.class);
        assertThat(cloud.asked).hasSize(4);
    }

    @Test
    void readsLimits() {
        String limits =
                """
                {"limits": {"rate": [], "absolute": {
                 "maxTotalInstances": 10, "maxTotalCores": -1, "maxTotalRAMSize": 1000,
                 "totalInstancesUsed": 9, "totalCoresUsed": 40, "totalRAMUsed": 2000}}}
                """;
        cloud.serve("/v2.1/limits", limits);
        ComputeLimits read = builds.limits();
        assertThat(read)
                .isEqualTo(
                        new ComputeLimits(
                                new Quota(10, 9), new Quota(-1, 40), new Quota(1000, 2000)));
        assertThat(read.instances().allows(1)).isTrue();
        assertThat(read.instances().allows(2)).isFalse();
        assertThat(read.cores().allows(Long.MAX_VALUE)).isTrue();
        assertThat(read.ramMib().allows(0)).isFalse();
        cloud.serve("/v2.1/limits", limits.replace("maxTotalCores", "other"));
        assertThatThrownBy(builds::limits).isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void checksWhatIsAskedFor() {
        for (String tag : List.of("", "a,b", "a/b", "a&b", "ä", "a".repeat(61))) {
            assertThatThrownBy(() -> builds.list(tag)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String userData : List.of("not base64!", "abc=d", "a".repeat(65_536))) {
            assertThatThrownBy(() ->
                            new NewServers(
                                    "n",
                                    1,
                                    "f",
                                    few().disk(),
                                    Networks.Automatic.AUTO,
                                    null,
                                    userData,
                                    null,
                                    null,
                                    Map.of(),
                                    List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining(userData);
        }
        assertThatThrownBy(() -> new BootDisk(BootDisk.Source.IMAGE, "i", 0, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Networks.Listed(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(cloud.asked).isEmpty();
    }
}
