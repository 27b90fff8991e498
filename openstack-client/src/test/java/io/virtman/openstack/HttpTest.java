package io.virtman.openstack;

import static io.virtman.openstack.FakeOpenStack.quick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.Http;
import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.Limits;
import io.virtman.openstack.http.OpenStackException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One call: what is repeated, what it may cost, what its errors are. */
class HttpTest {
    private static final String TOKEN = "gAAAA-secret";

    private final FakeOpenStack cloud = new FakeOpenStack();
    private final Http http = new Http(quick(), null);

    @AfterEach
    void close() {
        http.close();
        cloud.close();
    }

    private Call get(String path) {
        return Call.get(cloud.url().resolve(path), TOKEN);
    }

    private <E extends OpenStackException> E failure(Class<E> type, Call call) {
        E failure = catchThrowableOfType(type, () -> http.send(call));
        assertThat(failure).isNotNull();
        assertThat(failure.toString()).doesNotContain(TOKEN);
        return failure;
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504, 429, 408})
    void readsAgainWhatIsOverloaded(int status) {
        cloud.serve("/x", "{}");
        cloud.next("/x", Reply.of(status));
        cloud.next("/x", Reply.of(status));
        assertThat(http.send(get("/x")).status()).isEqualTo(200);
        assertThat(cloud.count("/x")).isEqualTo(3);
    }

    @Test
    void givesUpWithinItsBudget() {
        cloud.serve("/x?secret=1", Reply.of(503));
        assertThat(failure(OpenStackException.Unavailable.class, get("/x?secret=1")))
                .hasMessage("GET " + cloud.url() + "/x: 503, req-0a1b-2c");
    }

    @Test
    void writesOnce() {
        cloud.serve("/x", Reply.of(503));
        failure(
                OpenStackException.Unavailable.class,
                Call.post(cloud.url().resolve("/x"), "{}", false));
        assertThat(cloud.count("/x")).isEqualTo(1);
    }

    @Test
    void tellsRefusalsApart() {
        cloud.serve("/401", Reply.of(401));
        cloud.serve("/403", Reply.of(403));
        cloud.serve("/400", Reply.of(400));
        failure(OpenStackException.Unauthorized.class, get("/401"));
        failure(OpenStackException.Forbidden.class, get("/403"));
        failure(OpenStackException.NotFound.class, get("/404"));
        failure(OpenStackException.Unexpected.class, get("/400"));
        assertThat(cloud.asked).hasSize(4);
    }

    @Test
    void isUnavailableWhenNobodyListens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(
                        failure(
                                OpenStackException.Unavailable.class,
                                Call.get(URI.create("http://127.0.0.1:" + port + "/"), TOKEN)))
                .hasMessageEndingWith("ConnectException");
    }

    @Test
    void endsAnAnswerThatDoesNotEnd() {
        Limits once =
                new Limits(
                        Duration.ofSeconds(1),
                        Duration.ofMillis(200),
                        Duration.ofMillis(200),
                        1,
                        Duration.ZERO,
                        100);
        cloud.serve("/x", new Reply(200, "{", true));
        try (Http hasty = new Http(once, null)) {
            assertThatThrownBy(() -> hasty.send(get("/x")))
                    .isInstanceOf(OpenStackException.Unavailable.class)
                    .hasMessageEndingWith("no answer in time");
        }
    }

    @Test
    void cutsOffAnswersThatAreTooLong() {
        cloud.serve("/x", "x".repeat(quick().answerBytes() + 1));
        assertThat(failure(OpenStackException.Unexpected.class, get("/x")))
                .hasMessageContaining("longer than");
        assertThat(cloud.count("/x")).isEqualTo(1);
        cloud.serve("/x", "x".repeat(quick().answerBytes()));
        assertThat(http.send(get("/x")).body()).hasSize(quick().answerBytes());
    }

    @Test
    void followsNoRedirect() {
        try (FakeOpenStack other = new FakeOpenStack()) {
            cloud.location = other.url() + "/x";
            for (int status : new int[] {300, 301, 302, 307, 308}) {
                cloud.serve("/x", Reply.of(status));
                assertThat(failure(OpenStackException.Unexpected.class, get("/x")))
                        .hasMessageContaining("redirect");
            }
            assertThat(other.asked).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\r\nX-Evil: 1", "ä"})
    void doesNotSendMalformedTokens(String token) {
        assertThatThrownBy(() -> Call.get(cloud.url(), token))
                .isInstanceOf(OpenStackException.Unauthorized.class)
                .hasMessage("the token is malformed");
    }

    @Test
    void closingEndsCallsUnderWay() throws Exception {
        cloud.serve("/x", new Reply(200, "{", true));
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        http.send(get("/x"));
                    } catch (OpenStackException e) {
                        end.complete(e);
                    }
                });
        while (cloud.asked.isEmpty()) {
            Thread.onSpinWait();
        }
        http.close();
        assertThat(end.get(60, TimeUnit.SECONDS))
                .isInstanceOf(OpenStackException.Unavailable.class);
    }

    @Test
    void interruptEndsACall() {
        cloud.serve("/x", new Reply(200, "{", true)); // an answer that is there already is taken
        Thread.currentThread().interrupt();
        failure(OpenStackException.Unavailable.class, get("/x"));
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{} {}", "<html>", "{\"a\": NaN}"})
    void answersMustBeObjects(String body) {
        assertThatThrownBy(() -> JsonFields.of("x", body))
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessageStartingWith("x: ");
    }

    @Test
    void refusesDeepAnswers() {
        assertThatThrownBy(() -> JsonFields.of("x", "{\"a\":" + "[".repeat(30_000)))
                .isInstanceOf(OpenStackException.Unexpected.class);
    }

    @Test
    void callsShowNoSecrets() {
        assertThat(
                        Call.post(URI.create("http://u:s3cr3t@h:1/p?s3cr3t"), "s3cr3t", true)
                                .with("X-Auth-Token", "s3cr3t"))
                .hasToString("POST http://h:1/p");
    }
}
