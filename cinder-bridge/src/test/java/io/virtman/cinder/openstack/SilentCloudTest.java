package io.virtman.cinder.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.virtman.bridge.deadline.Deadline;
import io.virtman.openstack.EndpointInterface;
import io.virtman.openstack.KeystoneSettings;
import io.virtman.openstack.ServiceSession;
import io.virtman.openstack.http.Limits;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** OpenStack's services take connections and never answer. */
class SilentCloudTest {
    private static final String ID = "e332851b-f2ac-48a5-b997-afee8a25d80c";

    /** Something that is asked. */
    interface Question {
        Object ask(ServiceSession session);
    }

    static Stream<Arguments> questions() {
        return Stream.of(
                Arguments.of("Nova", (Question) session -> new NovaService(session).placeOf(ID)),
                Arguments.of(
                        "Glance", (Question) session -> new GlanceService(session).image(ID, null)),
                Arguments.of(
                        "Keystone", (Question) session -> new GlanceService(session).credential()));
    }

    /** Alone each would be waited for for 30 s. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("questions")
    void aRequestWhoseTimeIsOverDoesNotWaitForIt(String service, Question question)
            throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServiceSession session = session(silent.getLocalPort())) {
            ProblemException problem =
                    assertTimeoutPreemptively(
                            Duration.ofSeconds(20),
                            () ->
                                    catchThrowableOfType(
                                            ProblemException.class,
                                            () ->
                                                    Deadline.within(
                                                            Duration.ofMillis(100),
                                                            () -> question.ask(session))));

            assertThat(problem.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(problem).hasMessageContaining(service);
        }
    }

    private static ServiceSession session(int port) {
        KeystoneSettings.Password login =
                new KeystoneSettings.Password("virtman", "secret", "Default", "service", "Default");
        return new ServiceSession(
                new KeystoneSettings(
                        URI.create("http://127.0.0.1:" + port + "/v3"),
                        login,
                        null,
                        EndpointInterface.INTERNAL,
                        null,
                        Map.of()),
                Limits.usual());
    }
}
