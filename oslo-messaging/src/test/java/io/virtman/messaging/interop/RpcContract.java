package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a caller sees of a server, whatever each is written in. Python with Python is the reference:
 * a statement that does not hold for it is not made here.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RpcContract {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private Side.Caller caller;
    private Side.Caller allowing;
    private Side.Served one;
    private Side.Served two;
    private String topic;

    abstract Side callers();

    abstract Side servers();

    @BeforeAll
    void serve() {
        Path configuration = Configuration.write(RabbitBroker.shared());
        topic = Call.freshTopic();
        one = servers().serve(configuration, topic, "one");
        two = servers().serve(configuration, topic, "two");
        caller = callers().caller(configuration);
        allowing = callers().caller(configuration, "peer_failures");
    }

    @AfterAll
    void close() {
        callers().close();
        if (servers() != callers()) {
            servers().close();
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Some 300 KB that become much less when compressed. */
    static String longText() {
        return IntStream.range(0, 40_000).mapToObj(i -> "ü" + i).collect(Collectors.joining(" "));
    }

    static CallFailure failure(Runnable call) {
        return catchThrowableOfType(CallFailure.class, call::run);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "0",
                "-9223372036854775809",
                "1180591620717411303424",
                "0.1",
                "1e300",
                "-2.5e-9",
                "1.0",
                "''",
                "'Grüße \uD83D\uDC27 \\u0000 \\\\ \\n \u2028'",
                "'not an \\ud83d emoji'",
                "[]",
                "{}",
                "[null,[[[1]]],{'a':[{}]}]",
                "{'':1,'oslo.message':'x','_msg_id':2,'clé':{'nova_object.name':'Instance'}}"
            })
    void valuesComeBackAsTheyWere(String text) {
        JsonNode value = json(text);
        JsonNode result = caller.call(Call.of(topic, "echo", Map.of("value", value)));
        assertThat(result.isFloatingPointNumber()).isEqualTo(value.isFloatingPointNumber());
        if (value.isFloatingPointNumber()) {
            assertThat(result.decimalValue()).isEqualByComparingTo(value.decimalValue());
        } else {
            assertThat(result).isEqualTo(value);
        }
    }

    @Test
    void argumentsAreNamed() {
        assertThat(caller.call(Call.of(topic, "add", Map.of("b", 2, "a", 40))).asInt())
                .isEqualTo(42);
        assertThat(caller.call(Call.of(topic, "nothing")).isNull()).isTrue();
    }

    @Test
    void contextArrivesWhole() {
        JsonNode context =
                json(
                        "{'request_id':'req-1','auth_token':'t','roles':['a','b'],'is_admin':true,"
                                + "'user_id':null,'service_catalog':[{'type':'image'}],'x':'ü'}");
        Map<String, JsonNode> attributes = JSON.convertValue(context, new Attributes());
        JsonNode seen = caller.call(Call.of(topic, "context").context(attributes));
        attributes.forEach((name, value) -> assertThat(seen.get(name)).isEqualTo(value));
        // Python's endpoints also see client_timeout, which the wire does not carry
        assertThat(seen.size()).isBetween(context.size(), context.size() + 1);
    }

    @Test
    void oneMegabyteGoesBothWays() {
        String big = "0123456789abcdef".repeat(65_536);
        assertThat(caller.call(Call.of(topic, "length", Map.of("value", big))).asInt())
                .isEqualTo(1 << 20);
        assertThat(caller.call(Call.of(topic, "big", Map.of("size", 1 << 20))).asText())
                .hasSize(1 << 20);
    }

    @Test
    void serversTakeTurnsAndCanBeAddressed() {
        Call call = Call.of(topic, "whoami");
        List<String> turns = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            turns.add(caller.call(call).asText());
        }
        assertThat(turns).contains("one", "two");
        for (String server : List.of("one", "two")) {
            for (int i = 0; i < 3; i++) {
                assertThat(caller.call(call.server(server)).asText()).isEqualTo(server);
            }
        }
    }

    @Test
    void castsAreDoneOnce() {
        for (int i = 0; i < 20; i++) {
            caller.cast(Call.of(topic, "record", Map.of("value", "cast " + i)));
        }
        Await.until(() -> count("cast ") == 20);
        caller.cast(Call.of(topic, "record", Map.of("value", "for two")).server("two"));
        Await.until(() -> two.received().contains(json("'for two'")));
        assertThat(one.received()).doesNotContain(json("'for two'"));
        assertThat(count("cast ")).isEqualTo(20);
    }

    @Test
    void fanoutReachesEachServerOnce() {
        caller.fanout(Call.of(topic, "record", Map.of("value", "to all")));
        caller.call(Call.of(topic, "nothing").server("one"));
        Await.until(() -> count("to all") == 2);
        assertThat(one.received()).containsOnlyOnce(json("'to all'"));
        assertThat(two.received()).containsOnlyOnce(json("'to all'"));
    }

    private long count(String prefix) {
        List<JsonNode> all = new ArrayList<>(one.received());
        all.addAll(two.received());
        return all.stream().filter(value -> value.asText().startsWith(prefix)).count();
    }

    @Test
    void namespacesAndVersionsChooseTheEndpoint() {
        Call call = Call.of(topic, "whoami").server("one");
        assertThat(caller.call(call.version("1.0")).asText()).isEqualTo("one");
        assertThat(caller.call(call.version("1.5")).asText()).isEqualTo("one");
        assertThat(caller.call(call.namespace("admin").version("2.3")).asText())
                .isEqualTo("admin of one");
        for (Call wrong :
                List.of(
                        call.version("1.6"),
                        call.version("2.0"),
                        call.namespace("admin").version("2.4"),
                        call.namespace("admin"),
                        call.namespace("other").version("1.0"))) {
            CallFailure failure = failure(() -> caller.call(wrong));
            assertThat(failure.kind()).isEqualTo(CallFailure.Kind.UNMAPPED);
            assertThat(failure.type()).isEqualTo("UnsupportedVersion");
            assertThat(failure).hasMessageContaining("Endpoint does not support RPC version");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no_such_method", "_count", "__init__", "target", "__class__"})
    void otherMethodsDoNotExist(String method) {
        CallFailure failure = failure(() -> caller.call(Call.of(topic, method).timeout(10)));
        assertThat(failure.kind()).isNotEqualTo(CallFailure.Kind.TIMEOUT);
        // 'target' is an attribute of Python's endpoints, so that calling it is a TypeError there
        assertThat(failure.type()).isIn("NoSuchMethod", "TypeError");
    }

    @Test
    void wrongArgumentsAreAnError() {
        for (Map<String, Integer> args :
                List.of(
                        Map.of("a", 1),
                        Map.of("a", 1, "b", 2, "c", 3),
                        Map.<String, Integer>of())) {
            assertThat(failure(() -> caller.call(Call.of(topic, "add", args))).kind())
                    .isIn(CallFailure.Kind.MAPPED, CallFailure.Kind.UNMAPPED);
        }
    }

    @Test
    void failuresOfAllowedModulesAreBuiltAgain() {
        Call call =
                Call.of(
                        topic,
                        "fail_with",
                        Map.of(
                                "module",
                                "peer_failures",
                                "name",
                                "VolumeNotFound",
                                "kwargs",
                                Map.of("volume_id", "vol-ü")));
        CallFailure mapped = failure(() -> allowing.call(call));
        assertThat(mapped.kind()).isEqualTo(CallFailure.Kind.MAPPED);
        assertThat(mapped.type()).isEqualTo("VolumeNotFound");
        assertThat(mapped).hasMessageContaining("Volume vol-ü could not be found.");
        CallFailure unmapped = failure(() -> caller.call(call));
        assertThat(unmapped.kind()).isEqualTo(CallFailure.Kind.UNMAPPED);
        assertThat(unmapped.type()).isEqualTo("VolumeNotFound");
        assertThat(unmapped).hasMessageContaining("Volume vol-ü could not be found.");
    }

    @Test
    void callsTimeOutAndLateAnswersHurtNobody() {
        String key = "late";
        Call call = Call.of(topic, "wait_for", Map.of("key", key)).server("one");
        long start = System.nanoTime();
        assertThat(failure(() -> caller.call(call.timeout(1))).kind())
                .isEqualTo(CallFailure.Kind.TIMEOUT);
        assertThat((System.nanoTime() - start) / 1_000_000).isBetween(900L, 4000L);
        one.release(key);
        assertThat(caller.call(Call.of(topic, "echo", Map.of("value", 7))).asInt()).isEqualTo(7);
    }

    @Test
    void nobodyThereIsATimeOut() {
        assertThat(failure(() -> caller.call(Call.of("nobody", "echo").timeout(1))).kind())
                .isEqualTo(CallFailure.Kind.TIMEOUT);
        assertThat(
                        failure(() ->
                                        caller.call(
                                                Call.of(topic, "whoami")
                                                        .server("nobody")
                                                        .timeout(1)))
                                .kind())
                .isEqualTo(CallFailure.Kind.TIMEOUT);
    }

    @Test
    void signsOfLifeKeepAMonitoredCallAlive() {
        Call slow = Call.of(topic, "slow", Map.of("seconds", 3)).timeout(15);
        CompletableFuture<JsonNode> monitored = caller.start(slow.monitor(2));
        CompletableFuture<JsonNode> plain = caller.start(slow);
        assertThat(monitored.join().asText()).isEqualTo("done");
        assertThat(plain.join().asText()).isEqualTo("done");
    }

    /**
     * A server in Python that has no such method sends signs of life for ever after it has answered
     * ({@code rpc/dispatcher.py}: only a dispatched call ends its watchdog); callers must bear it.
     */
    @Test
    void aMonitoredCallOfNoMethodFailsAtOnce() {
        CallFailure failure =
                failure(() -> caller.call(Call.of(topic, "no_such").monitor(2).timeout(10)));
        assertThat(failure.type()).isEqualTo("NoSuchMethod");
        CompletableFuture<JsonNode> other =
                caller.start(Call.of(topic, "slow", Map.of("seconds", 2)).timeout(10));
        assertThat(other.join().asText()).isEqualTo("done");
    }

    @Test
    void callsAtTheSameTimeGetTheirOwnAnswers() {
        List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(caller.start(Call.of(topic, "echo", Map.of("value", i))));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(answers.get(i).join().asInt()).isEqualTo(i);
        }
    }

    /**
     * What kombu calls gzip is zlib's format; oslo.messaging documents {@code bz2}, which kombu
     * does not know and fails to publish with; {@code bzip2} works ({@code kombu/compression.py}).
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "kombu_compression = gzip",
                "kombu_compression = bzip2",
                "amqp_durable_queues = true",
                "rabbit_quorum_queue = true",
                "amqp_auto_delete = true",
                "rabbit_qos_prefetch_count = 1",
                "rabbit_transient_queues_ttl = 60",
                "heartbeat_timeout_threshold = 0"
            })
    void bothSidesUnderstandTheOption(String option) {
        Path configuration = Configuration.write(RabbitBroker.shared(), exchange(option), option);
        String other = Call.freshTopic();
        try (Side.Served server = servers().serve(configuration, other, "one")) {
            Side.Caller client = callers().caller(configuration);
            String text = longText();
            Call call = Call.of(other, "echo", Map.of("value", text));
            assertThat(client.call(call).asText()).isEqualTo(text);
            assertThat(client.call(call.server("one")).asText()).isEqualTo(text);
            client.fanout(Call.of(other, "record", Map.of("value", 1)));
            Await.until(() -> server.received().size() == 1);
        }
    }

    /** Durability is the exchange's too, so that each option needs an exchange of its own. */
    private static String exchange(String option) {
        return Configuration.EXCHANGE + option.replaceAll("[^a-z0-9]", "");
    }

    private static final class Attributes extends TypeReference<Map<String, JsonNode>> {}
}
