package io.virtman.openstack;

import static io.virtman.openstack.FakeOpenStack.LOGIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose token it is. */
class TokensTest {
    private static final String PATH = LOGIN + "?nocatalog";
    private static final String USER = "gAAAA-users-own-token";
    private static final String TOKEN = FakeOpenStack.recorded("token.json");

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final ServiceSession session = cloud.session();
    private final Tokens tokens = new Tokens(session);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    private static String until(Duration remaining, String token) {
        Instant end = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(remaining);
        return token.replaceAll("\"expires_at\": \"[^\"]*\"", "\"expires_at\": \"" + end + "\"");
    }

    private void serve(String more) {
        cloud.serve(
                PATH,
                until(Duration.ofHours(1), TOKEN).replace("\"methods\"", more + "\"methods\""));
    }

    private Identity identify() {
        return tokens.identify(USER).orElseThrow();
    }

    @Test
    void identifiesAUser() {
        serve("");
        Identity identity = identify();
        assertThat(identity)
                .usingRecursiveComparison()
                .ignoringFields("remaining")
                .isEqualTo(
                        new Identity(
                                "d6255341e3e044d9977debe3e9d1c43c",
                                "demo",
                                "default",
                                "57f16c41d6224aa2ab5a5f8b10b3f392",
                                "default",
                                Set.of("member", "reader"),
                                Duration.ofHours(1),
                                true));
        assertThat(identity.remaining()).isBetween(Duration.ofMinutes(58), Duration.ofMinutes(61));
        assertThat(identity + "").doesNotContain(USER);
        assertThat(cloud.asked.getLast().token()).isEqualTo("token-1");
        assertThat(cloud.asked.getLast().subject()).isEqualTo(USER);
    }

    @Test
    void aTokenMayBeForNoProject() {
        cloud.serve(
                PATH,
                until(
                        Duration.ofHours(1),
                        """
                        {"token": {"user": {"id": "u", "name": "n", "domain": {"id": "d"}},
                         "expires_at": ""}}
                        """));
        assertThat(identify().projectId()).isNull();
        assertThat(identify().roles()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"OS-TRUST:trust\": {\"id\": \"t\"}, | false",
                "\"OS-OAUTH1\": {\"consumer_id\": \"c\"}, | false",
                "\"application_credential\": {\"id\": \"a\", \"restricted\": true}, | false",
                "\"application_credential\": {\"id\": \"a\", \"restricted\": false}, | true"
            })
    void knowsWhatIsLent(String more, boolean canDelegate) {
        serve(more);
        assertThat(identify().canDelegate()).isEqualTo(canDelegate);
    }

    @Test
    void whatKeystoneDoesNotKnowIsNobody() {
        cloud.serve(PATH, new Reply(404, "{\"error\":{\"code\":404,\"message\":\"no\"}}", false));
        assertThat(tokens.identify(USER)).isEmpty();
        cloud.serve(PATH, until(Duration.ofHours(-1), TOKEN));
        assertThat(tokens.identify(USER)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\r\nX-Auth-Token: b", "ä", "a\u0000"})
    void malformedTokensAreNotSent(String token) {
        assertThat(tokens.identify(token)).isEmpty();
        assertThat(tokens.identify("a".repeat(8_001))).isEmpty();
        assertThat(cloud.asked).isEmpty();
    }

    @Test
    void aRefusalIsForTheServicesToken() {
        serve("");
        cloud.next(PATH, Reply.of(401));
        assertThat(identify().userName()).isEqualTo("demo");
        assertThat(cloud.asked)
                .extracting(FakeOpenStack.Asked::token)
                .containsExactly("", "token-1", "", "token-2");
        cloud.serve(PATH, Reply.of(401));
        assertThatThrownBy(() -> tokens.identify(USER))
                .isInstanceOf(OpenStackException.Unauthorized.class)
                .hasMessageNotContaining(USER);
        assertThat(cloud.logins).hasValue(3);
    }

    @Test
    void saysThatItMayNotAsk() {
        cloud.serve(PATH, Reply.of(403));
        assertThatThrownBy(() -> tokens.identify(USER))
                .isInstanceOf(OpenStackException.Forbidden.class);
        cloud.serve(PATH, Reply.of(503));
        assertThatThrownBy(() -> tokens.identify(USER))
                .isInstanceOf(OpenStackException.Unavailable.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"token\": []}",
                "{\"token\": {\"user\": {}}}",
                "{\"token\": {\"user\": {\"id\": \"../x\", \"name\": \"n\"}}}"
            })
    void refusesOtherAnswers(String body) {
        cloud.serve(PATH, body);
        assertThatThrownBy(() -> tokens.identify(USER))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"name\": \"member\" | \"name\": 7",
                "\"roles\": [ | \"roles\": 7, \"x\": [",
                "\"id\": \"57f16c41d6224aa2ab5a5f8b10b3f392\" | \"id\": null",
                "\"expires_at\" | \"expires\""
            })
    void refusesWrongTypes(String from, String to) {
        cloud.serve(PATH, until(Duration.ofHours(1), TOKEN).replace(from, to));
        assertThatThrownBy(() -> tokens.identify(USER))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void goesByTheClockOfTheLoginWhereThereIsNoDate() {
        cloud.now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant now = session.keystoneNow();
        assertThat(now).isBetween(cloud.now.minusSeconds(60), cloud.now.plusSeconds(120));
    }
}
