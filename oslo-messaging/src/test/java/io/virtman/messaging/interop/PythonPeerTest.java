package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.messaging.testing.PythonPeer;
import io.virtman.messaging.testing.PythonPeerClient;
import io.virtman.messaging.testing.PythonPeerException;
import io.virtman.messaging.testing.RabbitBroker;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Python peer with itself, without any Java in between: what the other tests compare with.
 *
 * <p>Facts of oslo.messaging 14.0.3 that surprised:
 *
 * <ul>
 *   <li>An RPC client asks its configuration for {@code oslo_messaging_metrics}, which the library
 *       registers in the global {@code cfg.CONF} only ({@code _metrics/client.py}).
 *   <li>A result that is not JSON is never answered: the server logs that it cannot send the reply,
 *       and the caller times out ({@code rpc/server.py}, {@code _process_incoming}).
 *   <li>The context that an endpoint sees has {@code client_timeout} besides what was sent ({@code
 *       _drivers/amqp.py}, {@code unpack_context}).
 *   <li>An exception whose class cannot be made from its args arrives as {@code RemoteError}, even
 *       from an allowed module ({@code _drivers/common.py}).
 * </ul>
 */
@Timeout(60)
final class PythonPeerTest {
    private static PythonPeer peer;
    private static PythonPeerClient client;

    @BeforeAll
    static void start() {
        peer = PythonPeer.start();
        peer.open("t", Configuration.write(RabbitBroker.shared()), "peer_failures");
        for (String server : List.of("one", "two")) {
            peer.request(
                    "serve",
                    Map.of("name", server, "transport", "t", "topic", "self", "server", server));
        }
        client = new PythonPeerClient(peer, "t", "self");
    }

    @AfterAll
    static void stop() {
        peer.close();
    }

    @Test
    void callsTakeTurnsAndCanBeAddressed() {
        List<String> turns =
                List.of(
                        client.call("whoami", Map.of()).asText(),
                        client.call("whoami", Map.of()).asText());
        assertThat(turns).containsExactlyInAnyOrder("one", "two");
        assertThat(client.with("server", "two").call("whoami", Map.of()).asText()).isEqualTo("two");
        assertThat(
                        client.with("namespace", "admin")
                                .with("version", "2.1")
                                .with("server", "one")
                                .call("whoami", Map.of())
                                .asText())
                .isEqualTo("admin of one");
    }

    @Test
    void failuresAreNamed() {
        PythonPeerException version =
                failure(() -> client.with("version", "1.6").call("whoami", Map.of()));
        assertThat(version.remoteType()).isEqualTo("UnsupportedVersion");
        assertThat(failure(() -> client.call("no_such", Map.of())).remoteType())
                .isEqualTo("NoSuchMethod");
        PythonPeerException allowed =
                failure(() ->
                        client.call(
                                "fail_with",
                                Map.of(
                                        "module",
                                        "peer_failures",
                                        "name",
                                        "VolumeNotFound",
                                        "kwargs",
                                        Map.of("volume_id", "v"))));
        assertThat(allowed.type()).isEqualTo("VolumeNotFound_Remote");
        assertThat(allowed.kwargs().path("code").asInt()).isEqualTo(404);
        assertThat(failure(() -> client.timeout(1).call("slow", Map.of("seconds", 2))).type())
                .isEqualTo("MessagingTimeout");
    }

    @Test
    void fanoutReachesAll() {
        client.with("fanout", true).cast("record", Map.of("value", "to all"));
        for (String server : List.of("one", "two")) {
            peer.event(
                    "received",
                    event ->
                            event.path("server").asText().equals(server)
                                    && event.path("value").asText().equals("to all"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"messaging", "messagingv2"})
    void notificationsComeBackWhenGivenBack(String driver) {
        peer.request(
                "listen", Map.of("name", driver, "transport", "t", "topic", driver, "requeues", 1));
        peer.request(
                "notify",
                Map.of(
                        "transport",
                        "t",
                        "driver",
                        driver,
                        "topic",
                        driver,
                        "priority",
                        "info",
                        "publisher",
                        "compute.h",
                        "event_type",
                        "instance.create",
                        "payload",
                        Map.of("id", 1)));
        JsonNode first = peer.event("notified", event -> event.path("requeued").asBoolean());
        JsonNode second = peer.event("notified", event -> !event.path("requeued").asBoolean());
        assertThat(second.path("metadata")).isEqualTo(first.path("metadata"));
        peer.request("stop_listener", Map.of("name", driver));
    }

    private static PythonPeerException failure(Runnable call) {
        return catchThrowableOfType(PythonPeerException.class, call::run);
    }
}
