package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.virtman.messaging.testing.MemoryTransport;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.wire.RequestContext;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small parts, each alone. */
class RpcPartsTest {
    /** As {@code version_is_compatible} of oslo.messaging 14.0.3 says. */
    @ParameterizedTest
    @CsvSource({
        "1.0, 1.0, true",
        "1.5, 1.4, true",
        "1.5, 1.6, false",
        "1.5, 2.0, false",
        "2.0, 1.0, false",
        "3.18, 3.9, true",
        "1.5.2, 1.5.2, true",
        "1.5.2, 1.5.3, false",
        "1.5.2, 1.4.3, true",
        "1.5, 1.5.1, false",
        "1.5, 1, false",
        "1.5, 1., false",
        "1.5, '', false",
        "1.5, a.b, false",
        "1.5, 1.-1, false",
        "1.5, 1.99999999999, false",
        "x, 1.0, false",
    })
    void versionsAreComparedAsInPython(String implemented, String requested, boolean compatible) {
        assertThat(Versions.compatible(implemented, requested)).isEqualTo(compatible);
    }

    @Test
    void targetsAreAddresses() {
        Target target = Target.of("openstack", "cinder-volume");
        assertThat(target.address()).isEqualTo(new Address.Topic("openstack", "cinder-volume"));
        assertThat(target.withServer("ctl@virtman").address())
                .isEqualTo(new Address.Server("openstack", "cinder-volume", "ctl@virtman"));
        assertThat(target.withServer("a").withFanout().address())
                .isEqualTo(new Address.Fanout("cinder-volume"));
        assertThat(target.withVersion("3.0").withNamespace("n"))
                .isEqualTo(new Target("openstack", "cinder-volume", null, false, "n", "3.0"))
                .hasToString("cinder-volume in openstack");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "one.two", "1.0 "})
    void targetsHaveVersions(String version) {
        Target target = Target.of("openstack", "topic");
        assertThatIllegalArgumentException().isThrownBy(() -> target.withVersion(version));
    }

    @Test
    void callsAreCheckedAndTellNoSecrets() {
        RpcCall.Builder call =
                RpcCall.of("login")
                        .arg("password", "secret")
                        .context(
                                RequestContext.of(
                                        JsonNodeFactory.instance
                                                .objectNode()
                                                .put("auth_token", "secret")
                                                .put("request_id", "req-7")));
        assertThat(call.build()).hasToString("login [req-7]");
        assertThatIllegalArgumentException().isThrownBy(() -> call.timeout(Duration.ZERO).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.timeout(Duration.ofDays(8)).build());
        call.timeout(Duration.ofSeconds(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.callMonitorTimeout(Duration.ofSeconds(1)).build());
        assertThatIllegalArgumentException().isThrownBy(() -> RpcCall.of("").build());
    }

    @Test
    void endpointsHaveNoPrivateOrDoubleMethods() {
        RpcEndpoint.Builder endpoint = RpcEndpoint.builder().method("a", _ -> null);
        for (String name : List.of("a", "", "_a", "__class__")) {
            assertThatIllegalArgumentException().isThrownBy(() -> endpoint.method(name, _ -> null));
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"-, 1.0, true", "old, 1.0, true", "new, 1.2, false", "x, 1.0, false"})
    void endpointsServeTheirNamespaces(@Nullable String namespace, String version, boolean serves) {
        RpcEndpoint endpoint =
                RpcEndpoint.builder()
                        .namespace("new")
                        .legacyNamespace("old")
                        .legacyNamespace(null)
                        .version("1.1")
                        .build();
        assertThat(endpoint.serves(namespace, version)).isEqualTo(serves);
    }

    @Test
    void serversListenToSomething() {
        try (MemoryTransport transport = new MemoryTransport()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> RpcServer.builder(transport).start());
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            RpcServer.builder(transport)
                                    .listen(Target.of("e", "t"), RpcServerBuilder.Queue.SERVER));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RpcServer.builder(transport).concurrency(0));
        }
    }

    @Test
    void deadQueuesAreForgottenInTime() {
        ManualTimers timers = new ManualTimers();
        DeadQueues dead = new DeadQueues(Duration.ofSeconds(60), timers);
        for (int i = 0; i < 201; i++) {
            dead.add("reply_" + i);
        }
        assertThat(dead.contains("reply_0")).isFalse();
        assertThat(dead.contains("reply_1")).isTrue();
        timers.advance(Duration.ofSeconds(60));
        assertThat(dead.contains("reply_1")).isFalse();
    }

    @Test
    void logLinesAreShortAndPrintable() {
        assertThat(LogText.of((String) null)).isEqualTo("?");
        assertThat(LogText.of("a\nb\u001b[2J\u202e\ud800")).isEqualTo("a?b?[2J??");
        assertThat(LogText.of("x".repeat(1000))).hasSize(123).endsWith("...");
    }

    @Test
    void threadsEndWithTheirTimers() {
        Thread[] seen = new Thread[1];
        Gate gate = new Gate();
        try (ThreadTimers timers = new ThreadTimers("test-timers")) {
            timers.after(
                    Duration.ofMillis(1),
                    () -> {
                        seen[0] = Thread.currentThread();
                        gate.open();
                    });
            timers.after(Duration.ofDays(1), gate::open).cancel();
            gate.pass();
            assertThat(seen[0].isVirtual()).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
