package io.virtman.openstack;

import static io.virtman.openstack.FakeOpenStack.LOGIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.virtman.openstack.FakeOpenStack.Asked;
import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Making and ending trusts, and acting by them. */
class TrustsTest {
    private static final String TRUSTS = "/v3/OS-TRUST/trusts";
    private static final String ID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    private static final String USER = "gAAAA-users-own-token";
    private static final String MADE = "{\"trust\": {\"id\": \"" + ID + "\"}}";
    private static final String WHY = "{\"error\": {\"code\": 403, \"message\": \"not lent on\"}}";
    private static final Identity DEMO =
            new Identity(
                    "u1",
                    "demo",
                    "default",
                    "p1",
                    "default",
                    Set.of("reader", "member"),
                    Duration.ofHours(1),
                    true);

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final AtomicLong nanos = new AtomicLong();
    private final ServiceSession session =
            new ServiceSession(cloud.settings(), FakeOpenStack.quick(), nanos::get);
    private final Trusts trusts = new Trusts(session);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    private static JsonNode json(Asked asked) throws IOException {
        return new ObjectMapper().readTree(asked.body());
    }

    private String create() {
        return trusts.create(USER, DEMO, session.userId(), Duration.ofHours(2));
    }

    @Test
    void makesATrustAsTheUser() throws Exception {
        cloud.serve(TRUSTS, new Reply(201, MADE, false));
        session.token();
        nanos.addAndGet(Duration.ofMillis(1_500).toNanos());
        Instant end = session.keystoneNow().plus(Duration.ofHours(2));
        assertThat(create()).isEqualTo(ID);
        Asked asked = cloud.asked.getLast();
        assertThat(asked.token()).isEqualTo(USER);
        assertThat(json(asked))
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        """
                                        {"trust": {
                                         "trustor_user_id": "u1",
                                         "trustee_user_id": "60d766b9af184577b23d888d6e14c240",
                                         "project_id": "p1",
                                         "roles": [{"name": "member"}, {"name": "reader"}],
                                         "impersonation": true,
                                         "allow_redelegation": false,
                                         "expires_at": "%s.500000Z"}}
                                        """
                                                .formatted(end.toString().substring(0, 19))));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404})
    void saysWhyKeystoneMakesNone(int status) {
        cloud.serve(TRUSTS, new Reply(status, WHY, false));
        OpenStackException.Refused refused =
                Objects.requireNonNull(
                        catchThrowableOfType(OpenStackException.Refused.class, this::create));
        assertThat(refused.reason()).isEqualTo("not lent on");
        assertThat(refused).hasMessageNotContaining(USER);
        assertThat(cloud.count(TRUSTS)).isEqualTo(1);
    }

    @Test
    void theUsersTokenIsNotReplaced() {
        cloud.serve(TRUSTS, Reply.of(401));
        assertThatThrownBy(this::create).isInstanceOf(OpenStackException.Unauthorized.class);
        assertThat(cloud.logins).hasValue(1);
        assertThat(cloud.count(TRUSTS)).isEqualTo(1);
    }

    @Test
    void asksOnceAlsoWhenTheAnswerIsLost() {
        cloud.serve(TRUSTS, Reply.LOST);
        assertThatThrownBy(this::create).isInstanceOf(OpenStackException.Unavailable.class);
        cloud.serve(TRUSTS, Reply.of(503));
        assertThatThrownBy(this::create).isInstanceOf(OpenStackException.Unavailable.class);
        assertThat(cloud.count(TRUSTS)).isEqualTo(2);
    }

    @Test
    void aTrustIsForAProjectAndATime() {
        Identity nowhere =
                new Identity("u", "n", "d", null, null, Set.of(), Duration.ofHours(1), true);
        assertThatThrownBy(() -> trusts.create(USER, nowhere, "s", Duration.ofHours(1)))
                .isInstanceOf(OpenStackException.Refused.class);
        assertThatThrownBy(() -> trusts.create(USER, DEMO, "s", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(cloud.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"trust\": {}}", "{\"trust\": {\"id\": \"a/b\"}}"})
    void refusesOtherAnswers(String body) {
        cloud.serve(TRUSTS, body);
        assertThatThrownBy(this::create).isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void logsInByATrust() throws Exception {
        try (ServiceSession own =
                new ServiceSession(cloud.settings().withTrust(ID), FakeOpenStack.quick())) {
            assertThat(own.token().value()).isEqualTo("token-1");
            assertThat(own.endpoint("block-storage")).asString().endsWith(FakeOpenStack.PROJECT);
            JsonNode auth = json(cloud.asked.getFirst()).path("auth");
            assertThat(auth.path("scope"))
                    .isEqualTo(
                            new ObjectMapper()
                                    .valueToTree(Map.of("OS-TRUST:trust", Map.of("id", ID))));
            assertThat(auth.at("/identity/password/user/name").asText()).isEqualTo("cinder");
            assertThat(auth.at("/identity/password/user/password").asText()).isEqualTo("s3cr3t");
            assertThat(own + " " + cloud.settings().withTrust(ID))
                    .contains("by trust " + ID)
                    .doesNotContain("s3cr3t", "token-1");
        }
    }

    @Test
    void renewsByTheTrust() {
        ServiceSession own = session.ofTrust(ID);
        assertThat(own.token().value()).isEqualTo("token-1");
        nanos.addAndGet(Duration.ofHours(2).toNanos());
        assertThat(own.token().value()).isEqualTo("token-2");
        assertThat(cloud.asked).allMatch(asked -> asked.body().contains("OS-TRUST:trust"));
        own.close();
        assertThat(session.token().value()).isEqualTo("token-3");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void aTrustThatHasEndedLetsNobodyIn(int status) {
        cloud.next(LOGIN, Reply.of(status));
        assertThatThrownBy(session.ofTrust(ID)::token)
                .isInstanceOf(OpenStackException.Unauthorized.class)
                .hasMessageContaining(": " + status);
    }

    @Test
    void aLoginWithoutATrustIsAsItWas() {
        cloud.next(LOGIN, Reply.of(404));
        assertThatThrownBy(session::token).isInstanceOf(OpenStackException.NotFound.class);
    }

    @Test
    void settingsTakeATrust() {
        KeystoneSettings settings = cloud.settings().withTrust("a").withTrust("b");
        assertThat(settings.login())
                .isEqualTo(new KeystoneSettings.TrustedPassword(FakeOpenStack.password(), "b"));
        assertThatThrownBy(() -> settings.withTrust("a/b"))
                .isInstanceOf(IllegalArgumentException.class);
        KeystoneSettings credential =
                KeystoneSettings.of(
                        cloud.url(), new KeystoneSettings.ApplicationCredential("a", "b"));
        assertThatThrownBy(() -> credential.withTrust("a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("password");
    }

    @Test
    void endsATrustAsItsUser() {
        cloud.serve(TRUSTS + "/" + ID, Reply.of(204));
        trusts.delete(ID, session.ofTrust(ID));
        assertThat(cloud.asked)
                .extracting(Asked::method, Asked::token)
                .containsExactly(tuple("POST", ""), tuple("DELETE", "token-1"));
        assertThat(cloud.asked.getFirst().body()).contains("OS-TRUST:trust");
    }

    @Test
    void endsATrustAsTheServiceWhereTheUserMayNot() {
        cloud.next(TRUSTS + "/" + ID, Reply.of(403));
        cloud.next(TRUSTS + "/" + ID, Reply.of(204));
        trusts.delete(ID, session.ofTrust(ID));
        assertThat(cloud.asked)
                .extracting(Asked::token)
                .containsExactly("", "token-1", "", "token-2");
        cloud.serve(TRUSTS + "/" + ID, Reply.of(403));
        assertThatThrownBy(() -> trusts.delete(ID, session.ofTrust(ID)))
                .isInstanceOf(OpenStackException.Forbidden.class);
    }

    @Test
    void aTrustThatIsNotThereHasEnded() {
        trusts.delete(ID, session.ofTrust(ID));
        assertThat(cloud.count(TRUSTS + "/" + ID)).isEqualTo(1);
        cloud.next(LOGIN, Reply.of(404));
        trusts.delete(ID, session.ofTrust(ID));
        assertThat(cloud.count(TRUSTS + "/" + ID)).isEqualTo(2);
    }

    @Test
    void doesNotSayThatATrustHasEndedWhenNobodySaysSo() {
        cloud.serve(TRUSTS + "/" + ID, Reply.of(503));
        assertThatThrownBy(() -> trusts.delete(ID, session.ofTrust(ID)))
                .isInstanceOf(OpenStackException.Unavailable.class);
    }
}
