package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a new server names. */
class LookupsTest {
    private static final String FLAVORS = "/v2.1/flavors/detail?limit=500";
    private static final String FLAVOR =
            """
            {"id": "a9c467b6", "name": "t.tiny", "ram": 96, "disk": 0, "swap": "",
             "OS-FLV-EXT-DATA:ephemeral": 0, "OS-FLV-DISABLED:disabled": false, "vcpus": 1,
             "os-flavor-access:is_public": true, "rxtx_factor": 1.0, "links": []}
            """;
    private static final Flavor TINY = new Flavor("a9c467b6", "t.tiny", 96, 1, 0);
    private static final String NETWORK =
            """
            {"network": {"id": "n1", "name": "inside", "admin_state_up": true, "status": "ACTIVE",
             "subnets": ["s1"], "shared": false, "router:external": false,
             "provider:network_type": "new-kind", "mtu": 1450, "tags": []}}
            """;

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final ServiceSession session = cloud.session();
    private final Lookups lookups = new Lookups(session);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    @Test
    void findsAFlavorById() {
        cloud.serve("/v2.1/flavors/a9c467b6", "{\"flavor\": " + FLAVOR + "}");
        assertThat(lookups.flavor("a9c467b6")).isEqualTo(TINY);
        assertThat(cloud.asked.getLast().microversion()).isEqualTo("compute 2.1");
        cloud.serve("/v2.1/flavors/other", "{\"flavor\": " + FLAVOR + "}");
        assertThatThrownBy(() -> lookups.flavor("other"))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void findsAFlavorByName() {
        cloud.serve(FLAVORS, "{\"flavors\": [" + FLAVOR.replace("t.tiny", "other") + "]}");
        String second = "/v2.1/flavors/detail?marker=a9c467b6&limit=500";
        cloud.serve(second, "{\"flavors\": [" + FLAVOR + "]}");
        cloud.serve(
                "/v2.1/flavors/detail?limit=500&marker=a9c467b6",
                "{\"flavors\": [" + FLAVOR + "]}");
        assertThat(lookups.flavor("t.tiny")).isEqualTo(TINY);
        assertThatThrownBy(() -> lookups.flavor("nothing of the kind"))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> lookups.flavor(".."))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> lookups.flavor("../servers"))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThat(cloud.asked).noneMatch(asked -> asked.path().contains("servers"));
    }

    @Test
    void aServiceThatIsAwayIsNotAFlavorThatIsNotThere() {
        cloud.serve(FLAVORS, Reply.of(503));
        assertThatThrownBy(() -> lookups.flavor("t.tiny"))
                .isInstanceOf(OpenStackException.Unavailable.class);
        cloud.serve("/v2.1/flavors/a9c467b6", Reply.of(503));
        assertThatThrownBy(() -> lookups.flavor("a9c467b6"))
                .isInstanceOf(OpenStackException.Unavailable.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "{\"flavor\": {}}",
                "{\"flavor\": {\"id\": \"x\", \"name\": \"n\"}}",
                "{\"flavor\": {\"id\": \"x\", \"ram\": 1, \"vcpus\": 1}}",
                "{\"flavor\": {\"id\": \"x\", \"name\": \"n\", \"ram\": {}, \"vcpus\": 1}}"
            })
    void refusesOtherFlavors(String body) {
        cloud.serve("/v2.1/flavors/x", body);
        assertThatThrownBy(() -> lookups.flavor("x"))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void findsAKeyPair() {
        cloud.serve(
                "/v2.1/os-keypairs/my%20key%40home",
                """
                {"keypair": {"name": "my key@home", "fingerprint": "aa:bb", "public_key": "ssh-rsa",
                 "user_id": "u", "id": 7, "deleted": false, "created_at": "2026-11-22T18:06:35.000000",
                 "updated_at": null, "deleted_at": null}}
                """);
        assertThat(lookups.keyPair("my key@home")).isEqualTo(new KeyPair("my key@home", "aa:bb"));
        for (String none : List.of("other", "..", "a/b", "", "a\nb")) {
            assertThatThrownBy(() -> lookups.keyPair(none))
                    .isInstanceOf(OpenStackException.NotFound.class);
        }
    }

    @Test
    void findsAServerGroup() {
        cloud.serve(
                "/v2.1/os-server-groups/g1",
                """
                {"server_group": {"id": "g1", "name": "apart", "policies": ["anti-affinity"],
                 "members": [], "metadata": {}}}
                """);
        assertThat(lookups.serverGroup("g1"))
                .isEqualTo(new ServerGroup("g1", "apart", List.of("anti-affinity")));
        assertThatThrownBy(() -> lookups.serverGroup("g2"))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> lookups.serverGroup("a/b"))
                .isInstanceOf(OpenStackException.NotFound.class);
    }

    @Test
    void namesTheZonesThatTakeServers() {
        String path = "/v2.1/os-availability-zone";
        cloud.serve(
                path,
                """
                {"availabilityZoneInfo": [
                 {"zoneName": "nova", "zoneState": {"available": true}, "hosts": null},
                 {"zoneName": "ice", "zoneState": {"available": false}, "hosts": null},
                 {"zoneName": "east", "zoneState": {"available": true}, "hosts": null}]}
                """);
        assertThat(lookups.availabilityZones()).containsExactly("east", "nova");
        cloud.serve(path, "{\"availabilityZoneInfo\": [{\"zoneName\": \"x\"}]}");
        assertThatThrownBy(lookups::availabilityZones)
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    private ServiceSession withNetworking() {
        KeystoneSettings settings = cloud.settings();
        return new ServiceSession(
                new KeystoneSettings(
                        settings.authUrl(),
                        settings.login(),
                        settings.region(),
                        settings.endpoints(),
                        null,
                        Map.of("network", cloud.url().resolve("/networking/"))),
                FakeOpenStack.quick());
    }

    @Test
    void findsANetwork() {
        cloud.serve("/networking/v2.0/networks/n1", NETWORK);
        try (ServiceSession own = withNetworking()) {
            Lookups found = new Lookups(own);
            assertThat(found.hasNetworking()).isTrue();
            assertThat(found.network("n1"))
                    .contains(new Network("n1", "inside", true, true, false, false));
            assertThatThrownBy(() -> found.network("n2"))
                    .isInstanceOf(OpenStackException.NotFound.class);
            cloud.serve("/networking/v2.0/networks/n2", NETWORK);
            assertThatThrownBy(() -> found.network("n2"))
                    .isInstanceOf(OpenStackException.Unexpected.class);
        }
    }

    @Test
    void saysThatThereIsNoNetworking() {
        cloud.catalogue = cloud.catalogue.replace("\"network\"", "\"other\"");
        assertThat(lookups.hasNetworking()).isFalse();
        assertThat(lookups.network("n1")).isEmpty();
        assertThatThrownBy(() -> session.endpoint("network"))
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessageStartingWith("no network in Keystone's catalogue");
    }
}
