package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.Http;
import io.virtman.openstack.http.OpenStackException;
import io.virtman.openstack.http.PlainText;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the services say when they decline, as people are to see it. */
class RefusedTest {
    private static final String TOKEN = "gAAAA-a-token-of-somebody";
    private static final String BAD = "{\"badRequest\": {\"code\": 400, \"message\": \"%s\"}}";

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final Http http = new Http(FakeOpenStack.quick(), null);

    @AfterEach
    void close() {
        http.close();
        cloud.close();
    }

    private OpenStackException failure(int status, String body) {
        cloud.serve("/x", new Reply(status, body, false));
        OpenStackException failure =
                catchThrowableOfType(
                        OpenStackException.class,
                        () -> http.send(Call.get(cloud.url().resolve("/x"), TOKEN)));
        return Objects.requireNonNull(failure);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"badRequest\": {\"code\": 400, \"message\": \"no such size\"}}",
                "{\"error\":{\"code\":400,\"message\":\"no such size\",\"title\":\"Bad Request\"}}",
                "{\"message\": \"no such<br /><br />\\nsize\", \"code\": \"400 Bad Request\"}",
                "{\"NeutronError\": {\"type\": \"X\", \"message\": \"no such size\"}}"
            })
    void hasTheReasonOfEachService(String body) {
        for (int status : new int[] {400, 409, 413, 422}) {
            OpenStackException failure = failure(status, body);
            assertThat(failure)
                    .isInstanceOf(OpenStackException.Refused.class)
                    .isInstanceOf(OpenStackException.Unexpected.class)
                    .hasMessage("GET " + cloud.url() + "/x: " + status + ", req-0a1b-2c");
            assertThat(failure.reason()).isEqualTo("no such size");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Quota exceeded for instances: Requested 1, but already used 10 of 10 | Refused",
                "VolumeSizeExceedsAvailableQuota: exceeds allowed gigabytes quota | Refused",
                "Resource ram is over limit of 5 | Refused",
                "Policy doesn't allow os_compute_api:os-quota-sets:show | Forbidden",
                "You are not authorized | Forbidden"
            })
    void aUsedUpQuotaIsNoLackOfRights(String reason, String kind) {
        OpenStackException failure =
                failure(403, "{\"forbidden\": {\"code\": 403, \"message\": \"" + reason + "\"}}");
        assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(failure.reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>no</html>",
                "[]",
                "{}",
                "null",
                "{\"message\": 7}",
                "{\"error\": \"text\"}",
                "{\"error\": {\"message\": {\"message\": \"x\"}}}",
                "{\"error\": {\"message\": null}}"
            })
    void otherBodiesGiveNoReason(String body) {
        OpenStackException failure = failure(400, body);
        assertThat(failure).isInstanceOf(OpenStackException.Refused.class);
        assertThat(failure.reason()).isEmpty();
    }

    @Test
    void longBodiesGiveNoReason() {
        assertThat(failure(400, BAD.formatted("a".repeat(5_000))).reason())
                .isEqualTo("a".repeat(300));
        OpenStackException failure = failure(400, BAD.formatted("a".repeat(8 << 10)));
        assertThat(failure).isInstanceOf(OpenStackException.Refused.class);
        assertThat(failure.reason()).isEmpty();
        assertThat(failure(404, "a".repeat(200_000)))
                .isInstanceOf(OpenStackException.NotFound.class);
    }

    @Test
    void reasonsAreOnOneLine() {
        assertThat(
                        failure(
                                        400,
                                        BAD.formatted(
                                                "a\\r\\n\\u0000\\u001b[1mb \\u202e\\u2028c\\ud800"))
                                .reason())
                .isEqualTo("a [1mb c");
    }

    @Test
    void reasonsHoldNoToken() {
        OpenStackException failure =
                failure(404, "{\"error\": {\"message\": \"no token " + TOKEN + ".\"}}");
        assertThat(failure).isInstanceOf(OpenStackException.NotFound.class);
        assertThat(failure.reason()).isEmpty();
    }

    @Test
    void nothingIsQuotedOfALogin() {
        cloud.serve("/x", new Reply(400, BAD.formatted("'s3cr3t' is not of type"), false));
        assertThatThrownBy(() -> http.send(Call.post(cloud.url().resolve("/x"), "{}", true)))
                .isInstanceOfSatisfying(
                        OpenStackException.Refused.class,
                        failure -> assertThat(failure.reason()).isEmpty());
    }

    @Test
    void theOthersHaveNoReason() {
        for (int status : new int[] {401, 406, 429, 500, 503}) {
            OpenStackException failure = failure(status, BAD.formatted("why"));
            assertThat(failure).isNotInstanceOf(OpenStackException.Refused.class);
            assertThat(failure.reason()).isEmpty();
        }
    }

    @Test
    void cutsNoCharacterInTwo() {
        assertThat(PlainText.of("ab\ud83d\ude00", 3)).isEqualTo("ab");
        assertThat(PlainText.of("ab\ud83d\ude00", 4)).isEqualTo("ab\ud83d\ude00");
        assertThat(PlainText.of(" \n ", 3)).isEmpty();
    }
}
