package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Finding services. */
class EndpointsTest {
    private static Endpoints endpoints(
            String token, @Nullable String region, Map<String, URI> overrides) {
        KeystoneSettings settings =
                new KeystoneSettings(
                        URI.create("http://keystone:5000/v3"),
                        FakeOpenStack.password(),
                        region,
                        EndpointInterface.of("internalURL"),
                        null,
                        overrides);
        return new Endpoints(settings, JsonFields.of("login", token).object("token"));
    }

    @Test
    void readsARecordedCatalogue() {
        Endpoints found = endpoints(FakeOpenStack.recorded("login.json"), "RegionOne", Map.of());
        assertThat(found.url("image")).isEqualTo("http://127.0.0.1:9292/v2");
        assertThat(found.url("compute")).isEqualTo("http://127.0.0.1:8774/v2.1");
        assertThat(found.url("block-storage"))
                .isEqualTo("http://127.0.0.1:8776/v3/" + FakeOpenStack.PROJECT);
    }

    @Test
    void goesByRegionAndInterface() {
        String token =
                """
                {"token": {"project": {"id": "p"}, "catalog": [
                 {"type": "messaging-websocket", "endpoints": [
                  {"interface": "internal", "region_id": "B", "url": "ws://host:9000"}]},
                 {"type": "odd", "endpoints": [{"interface": "other", "url": "http://$(x)s/"}]},
                 {"type": "image", "endpoints": [
                  {"interface": "public", "region_id": "B", "url": "http://public/"},
                  {"interface": "internal", "region_id": "A", "url": "http://a/image/v2/"},
                  {"interface": "internal", "region": "B", "url": "https://b/image/"}]}]}}
                """;
        assertThat(endpoints(token, "A", Map.of()).url("image")).isEqualTo("http://a/image/v2");
        assertThat(endpoints(token, "B", Map.of()).url("image")).isEqualTo("https://b/image/v2");
        assertThat(endpoints(token, null, Map.of()).url("image")).isEqualTo("http://a/image/v2");
        assertThatThrownBy(() -> endpoints(token, "C", Map.of()).url("image"))
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessage("no image in Keystone's catalogue for region C and interface internal");
    }

    @ParameterizedTest
    @CsvSource({
        "image, http://o:1, http://o:1/v2",
        "image, http://o/image/v2/, http://o/image/v2",
        "compute, http://o/compute, http://o/compute/v2.1",
        "compute, http://o/compute/v2.1/abc, http://o/compute/v2.1/abc",
        "block-storage, http://o/volume/v3, http://o/volume/v3/p",
        "block-storage, http://o/, http://o/v3/p",
        "block-storage, http://o/v3/q, http://o/v3/q"
    })
    void takesOverrides(String service, URI override, String url) {
        String token = "{\"token\": {\"project\": {\"id\": \"p\"}}}";
        assertThat(endpoints(token, null, Map.of(service, override)).url(service)).isEqualTo(url);
    }

    @Test
    void checksSettings() {
        URI good = URI.create("http://k/");
        assertThatThrownBy(() ->
                        KeystoneSettings.of(
                                URI.create("http://u:s3cr3t@k/"), FakeOpenStack.password()))
                .hasMessageStartingWith("auth_url: ")
                .hasMessageNotContaining("s3cr3t");
        assertThatThrownBy(() -> endpoints("{\"token\":{}}", null, Map.of("imago", good)))
                .hasMessageContaining("not imago");
        assertThatThrownBy(() -> new KeystoneSettings.Password("u", "", "d", "p", "d"))
                .hasMessage("password: empty");
    }
}
