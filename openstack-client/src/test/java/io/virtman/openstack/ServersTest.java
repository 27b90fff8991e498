package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nova through OpenStack4j, and Cinder's lists. */
class ServersTest {
    private static final String ID = "64a8ebca-08d9-4ef6-ad9e-5103499b5b84";
    private static final String TENANT = "57f16c41d6224aa2ab5a5f8b10b3f392";
    private static final String PATH = "/v2.1/servers/" + ID;
    private static final String SERVICES = "/v2.1/os-services?binary=nova-compute";
    private static final String CINDER = "/v3/" + FakeOpenStack.PROJECT;

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final ServiceSession session = cloud.session();
    private final Servers servers = new Servers(session);
    private final VolumeServices volumes = new VolumeServices(session);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    @Test
    void findsTheHost() {
        cloud.serve(PATH, FakeOpenStack.recorded("server.json"));
        assertThat(servers.host(ID))
                .isEqualTo(new ServerPlace(ID, "fake-1", "ACTIVE", null, TENANT));
        assertThat(cloud.asked.getLast())
                .satisfies(asked -> {
                    assertThat(asked.token()).isEqualTo("token-1");
                    assertThat(asked.microversion()).isEqualTo("compute 2.1");
                });
    }

    @Test
    void aNewServerHasNoHost() {
        cloud.serve(PATH, FakeOpenStack.recorded("server-new.json"));
        assertThat(servers.host(ID))
                .isEqualTo(new ServerPlace(ID, null, "BUILD", "scheduling", TENANT));
    }

    @Test
    void saysThatTheAccountMayNotSeeHosts() {
        cloud.serve(PATH, FakeOpenStack.recorded("server-user.json"));
        assertThatThrownBy(() -> servers.host(ID))
                .isInstanceOf(OpenStackException.Forbidden.class)
                .hasMessageContaining("cinder@Default in service");
    }

    @Test
    void saysThatThereIsNoSuchServer() {
        assertThatThrownBy(() -> servers.host(ID)).isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> servers.host("../os-services"))
                .isInstanceOf(OpenStackException.NotFound.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{}",
                "<html>",
                "{\"server\": 7}",
                "{\"server\": null}",
                "{\"server\": {}}",
                "{\"server\": {\"id\": {}}}"
            })
    void refusesOtherAnswers(String body) {
        cloud.serve(PATH, body);
        assertThatThrownBy(() -> servers.host(ID))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void refusesDeepAndLongAnswers() {
        cloud.serve(PATH, "{\"server\": {\"metadata\":" + "[".repeat(30_000));
        assertThatThrownBy(() -> servers.host(ID))
                .isInstanceOf(OpenStackException.Unexpected.class);
        cloud.serve(PATH, "{\"server\": {}" + " ".repeat(64 << 10) + "}");
        assertThatThrownBy(() -> servers.host(ID))
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessageContaining("longer than");
    }

    @Test
    void repeatsWhatNovaIsTooBusyFor() {
        cloud.serve(SERVICES, FakeOpenStack.recorded("nova-services.json"));
        cloud.next(SERVICES, Reply.of(503));
        assertThat(servers.computeHosts())
                .containsExactly(new ServiceState("nova-compute", "libvirt-1", "nova", true, true));
        assertThat(cloud.count(SERVICES)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "{\"services\": 7}",
                "{\"services\": [null]}",
                "{\"services\": [{}]}",
                "{\"services\": [{\"binary\": \"nova-compute\", \"host\": [\"a\", \"b\"]}]}"
            })
    void refusesOtherLists(String body) {
        cloud.serve(SERVICES, body);
        cloud.serve(CINDER + "/os-services", body);
        assertThatThrownBy(servers::computeHosts).isInstanceOf(OpenStackException.Unexpected.class);
        assertThatThrownBy(volumes::services).isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void listsDownAndDisabledServices() {
        cloud.serve(
                SERVICES,
                FakeOpenStack.recorded("nova-services.json")
                        .replace("\"up\"", "\"down\"")
                        .replace("\"enabled\"", "\"disabled\""));
        assertThat(servers.computeHosts())
                .containsExactly(
                        new ServiceState("nova-compute", "libvirt-1", "nova", false, false));
    }

    @Test
    void aListThatIsNotThereIsNotEmpty() {
        assertThatThrownBy(servers::computeHosts).isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(volumes::services).isInstanceOf(OpenStackException.NotFound.class);
    }

    @Test
    void listsCindersServices() {
        cloud.serve(CINDER + "/os-services", FakeOpenStack.recorded("cinder-services.json"));
        assertThat(volumes.services())
                .containsExactly(
                        new ServiceState("cinder-scheduler", "testbed", "nova", true, true));
        assertThat(cloud.asked.getLast().microversion()).isEqualTo("volume 3.0");
    }

    @Test
    void listsVolumeTypes() {
        String path = CINDER + "/types?is_public=None";
        cloud.serve(path, FakeOpenStack.recorded("volume-types.json"));
        assertThat(volumes.types())
                .extracting(VolumeKind::name, VolumeKind::isPublic, VolumeKind::backendName)
                .containsExactly(
                        tuple("virtman", true, Optional.of("virtman")),
                        tuple("__DEFAULT__", true, Optional.empty()));
    }
}
