package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.openstack.http.Limits;
import io.virtman.openstack.http.OpenStackException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Against a real OpenStack with an image and a nova-compute, as an administrator: {@code
 * -Dvirtman.openstack.rc=FILE}, a file of {@code export OS_NAME=value} lines. Leaves nothing
 * behind.
 */
@EnabledIfSystemProperty(named = "virtman.openstack.rc", matches = ".+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveOpenStackTest {
    private static final String NOBODY = "00000000-0000-4000-8000-000000000000";

    private final Map<String, String> rc = new TreeMap<>();
    private ServiceSession session =
            new ServiceSession(
                    KeystoneSettings.of(URI.create("http://unused"), FakeOpenStack.password()),
                    Limits.usual());

    @BeforeAll
    void logIn() throws IOException {
        Path file = Path.of(Objects.requireNonNull(System.getProperty("virtman.openstack.rc")));
        Pattern.compile("\\b(OS_[A-Z_]+)=([^\\s'\"]+)")
                .matcher(Files.readString(file))
                .results()
                .forEach(each -> rc.put(each.group(1), each.group(2)));
        session = session(value("OS_PASSWORD"));
    }

    private String value(String name) {
        return Objects.requireNonNull(rc.get(name), name);
    }

    private ServiceSession session(String password) {
        return new ServiceSession(
                new KeystoneSettings(
                        URI.create(value("OS_AUTH_URL")),
                        new KeystoneSettings.Password(
                                value("OS_USERNAME"),
                                password,
                                value("OS_USER_DOMAIN_NAME"),
                                value("OS_PROJECT_NAME"),
                                value("OS_PROJECT_DOMAIN_NAME")),
                        rc.get("OS_REGION_NAME"),
                        EndpointInterface.PUBLIC,
                        null,
                        Map.of()),
                Limits.usual());
    }

    @AfterAll
    void close() {
        session.close();
    }

    @Test
    void logsIn() {
        assertThat(session.token().expiresAt()).isAfter(Instant.now());
        assertThat(session.endpoint("image")).asString().endsWith("/v2");
    }

    @Test
    void isRefusedWithAWrongPassword() {
        try (ServiceSession wrong = session("wrong")) {
            assertThatThrownBy(wrong::token).isInstanceOf(OpenStackException.Unauthorized.class);
        }
    }

    @Test
    void readsAnImageAsItselfAndAsAUser() {
        String id =
                session.get("image", "/images?limit=1&status=active", Map.of())
                        .objects("images")
                        .getFirst()
                        .text("id");
        Images images = new Images(session);
        GlanceImage image = images.image(id);
        assertThat(image.status()).isEqualTo("active");
        assertThat(images.image(id, session.token().value())).isEqualTo(image);
        assertThat(image.asCinderMetadata()).containsEntry("image_id", id).containsKey("size");
        assertThatThrownBy(() -> images.image(id, "no-token"))
                .isInstanceOf(OpenStackException.Unauthorized.class);
        assertThatThrownBy(() -> images.image(NOBODY))
                .isInstanceOf(OpenStackException.NotFound.class);
    }

    @Test
    void seesHosts() {
        Servers servers = new Servers(session);
        assertThat(servers.computeHosts())
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.binary()).isEqualTo("nova-compute"));
        assertThatThrownBy(() -> servers.host(NOBODY))
                .isInstanceOf(OpenStackException.NotFound.class);
        session.get("compute", "/servers?all_tenants=1", Map.of())
                .objects("servers")
                .forEach(each -> assertThat(servers.host(each.text("id")).tenantId()).isNotEmpty());
    }

    @Test
    void seesCinder() {
        VolumeServices volumes = new VolumeServices(session);
        assertThat(volumes.services())
                .anySatisfy(each -> assertThat(each.binary()).isEqualTo("cinder-scheduler"));
        assertThat(volumes.types()).isNotEmpty();
    }

    @Test
    void knowsWhoseTokensTheyAre() {
        Tokens tokens = new Tokens(session);
        Identity identity = tokens.identify(session.token().value()).orElseThrow();
        assertThat(identity.userId()).isEqualTo(session.userId());
        assertThat(identity.userName()).isEqualTo(value("OS_USERNAME"));
        assertThat(identity.roles()).isNotEmpty();
        assertThat(identity.remaining()).isPositive();
        assertThat(identity.canDelegate()).isTrue();
        assertThat(tokens.identify("no-token")).isEmpty();
    }

    @Test
    void actsByATrustUntilItEnds() {
        String token = session.token().value();
        Identity identity = new Tokens(session).identify(token).orElseThrow();
        Trusts trusts = new Trusts(session);
        String trust = trusts.create(token, identity, session.userId(), Duration.ofMinutes(10));
        ServiceSession own = session.ofTrust(trust);
        try {
            assertThat(own.userId()).isEqualTo(identity.userId());
            assertThat(new Tokens(session).identify(own.token().value()).orElseThrow())
                    .satisfies(lent -> assertThat(lent.canDelegate()).isFalse());
            assertThat(new Builds(own).list("virtman:none")).isEmpty();
            assertThat(new Builds(own).limits().instances().used()).isNotNegative();
            assertThat(new Volumes(own).limits().volumes().used()).isNotNegative();
        } finally {
            trusts.delete(trust, own);
        }
        assertThatThrownBy(session.ofTrust(trust)::token)
                .isInstanceOf(OpenStackException.Unauthorized.class);
        trusts.delete(trust, own);
    }

    @Test
    void looksUpWhatNewServersName() {
        Lookups lookups = new Lookups(session);
        assertThat(lookups.availabilityZones()).isNotEmpty();
        assertThatThrownBy(() -> lookups.flavor("no such flavor"))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> lookups.keyPair("no such key"))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThatThrownBy(() -> lookups.serverGroup(NOBODY))
                .isInstanceOf(OpenStackException.NotFound.class);
        if (lookups.hasNetworking()) {
            assertThatThrownBy(() -> lookups.network(NOBODY))
                    .isInstanceOf(OpenStackException.NotFound.class);
        }
        Volumes volumes = new Volumes(session);
        VolumeKind type = new VolumeServices(session).types().getFirst();
        assertThat(volumes.type(type.id()).name()).isEqualTo(type.name());
        assertThat(volumes.type(type.name()).id()).isEqualTo(type.id());
        assertThatThrownBy(() -> volumes.volume(NOBODY))
                .isInstanceOf(OpenStackException.NotFound.class);
        assertThat(new Builds(session).find(NOBODY)).isEmpty();
        assertThat(new Builds(session).delete(NOBODY)).isFalse();
    }
}
