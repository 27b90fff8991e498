package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP;
import io.virtman.messaging.rpc.RpcStatistics;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is put into a server's queue: it is counted, answered if it can be, and a Python client
 * that calls the same server all the while never notices.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileRequestTest {
    private static final String DEEP = "[".repeat(100_000) + "]".repeat(100_000);

    private final String topic = Call.freshTopic();
    private final PythonSide python = new PythonSide();
    private final JavaSide java = new JavaSide();
    private JavaSide.JavaServed server;
    private RawPeer raw;
    private String replies;

    @BeforeAll
    void start() {
        Path configuration = Configuration.write(RabbitBroker.shared());
        server = java.serve(configuration, topic, "one", Duration.ofSeconds(2));
        raw = new RawPeer(RabbitBroker.shared());
        replies = raw.queue(null);
        python.peer()
                .request(
                        "start_loop",
                        Map.of(
                                "name",
                                "steady",
                                "transport",
                                python.open(configuration),
                                "target",
                                Map.of("topic", topic, "server", "one"),
                                "method",
                                "echo",
                                "args",
                                Map.of("value", "steady"),
                                "timeout",
                                10));
    }

    @AfterAll
    void stop() {
        JsonNode tally = python.peer().request("stop_loop", Map.of("name", "steady"));
        raw.close();
        java.close();
        python.close();
        assertThat(tally.path("failures")).isEmpty();
        assertThat(tally.path("ok").asInt()).isGreaterThan(50);
    }

    private RpcStatistics now() {
        return server.statistics();
    }

    /** The steady client has been served again. */
    private void stillServing() {
        int before = server.count("echo");
        Await.until(() -> server.count("echo") > before + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "\u0000\u0001\u0002",
                "null",
                "[1]",
                "'text'",
                "{}",
                "{'a':1}",
                "{'oslo.version':'2.0'}",
                "{'oslo.version':'3.0','oslo.message':'{}'}",
                "{'oslo.version':2,'oslo.message':'{}'}",
                "{'oslo.version':'2.0','oslo.message':null}",
                "{'oslo.version':'2.0','oslo.message':'not json'}",
                "{'oslo.version':'2.0','oslo.message':'[]'}",
                "{'oslo.version':'2.0','oslo.message':'{}'}",
                "{'oslo.version':'2.0','oslo.message':'{\\'method\\':7}'}",
                "{'oslo.version':'2.0','oslo.message':'{\\'method\\':\\'echo\\',\\'args\\':[]}'}",
                "{'method':'echo','args':{'value':1}"
            })
    void bodiesThatAreNoRequestsAreCounted(String body) {
        long before = now().malformed();
        raw.publish(topic, body.replace('\'', '"'));
        Await.until(() -> now().malformed() == before + 1);
        stillServing();
    }

    @Test
    void deepAndLongBodiesAreCounted() {
        long before = now().malformed();
        raw.publish(topic, DEEP);
        raw.publishInner(topic, DEEP);
        raw.publishInner(topic, "{\"method\":\"echo\",\"args\":{\"value\":" + DEEP + "}}");
        raw.publish(topic, RawPeer.JSON, new byte[] {(byte) 0xff, (byte) 0xfe, (byte) 0x80});
        raw.publishInner(topic, "{\"method\":\"echo\",\"version\":" + "9".repeat(1_000_000) + "}");
        Await.until(() -> now().malformed() == before + 5);
        stillServing();
    }

    @Test
    void otherContentTypesAndCompressionsAreCounted() {
        long before = now().malformed();
        ObjectNode request = RawPeer.request("record", raw.queue(null));
        request.withObject("args").put("value", "of a wrong type");
        ObjectNode envelope = RpcContract.JSON.createObjectNode().put("oslo.version", "2.0");
        envelope.put("oslo.message", request.toString());
        byte[] good = envelope.toString().getBytes(StandardCharsets.UTF_8);
        AMQP.BasicProperties none = new AMQP.BasicProperties();
        raw.publish(topic, none, good);
        for (String type : new String[] {"text/plain", "application/x-python-serialize", "", "x"}) {
            raw.publish(topic, RawPeer.JSON.builder().contentType(type).build(), good);
        }
        for (String compression :
                new String[] {"application/x-gzip", "application/x-bz2", "rot13"}) {
            raw.publish(topic, compressed(compression), good);
        }
        raw.publish(topic, compressed("application/x-gzip"), bomb());
        Await.until(() -> now().malformed() == before + 9);
        assertThat(server.received()).doesNotContain(RpcContract.json("'of a wrong type'"));
        stillServing();
    }

    private static AMQP.BasicProperties compressed(String how) {
        return RawPeer.JSON.builder().headers(Map.of("compression", how)).build();
    }

    /** 64 MB of blanks in 64 KB. */
    private static byte[] bomb() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream packed = new DeflaterOutputStream(bytes)) {
            byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 64; i++) {
                packed.write(blanks);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Test
    void hundredMegabytesAreNotRead() {
        byte[] body = new byte[100_000_000];
        Arrays.fill(body, (byte) ' ');
        raw.publish(topic, RawPeer.JSON, body);
        // not in the way of the steady client, and gone from the queue
        stillServing();
        Await.until(() -> RabbitBroker.shared().queues().getOrDefault(topic, 0) == 0);
        stillServing();
    }

    @Test
    void unknownMethodsVersionsAndNamespacesAreAnswered() {
        long before = now().unknownMethods();
        ObjectNode method = RawPeer.request("no_such", replies);
        ObjectNode version = RawPeer.request("echo", replies).put("version", "9.9");
        ObjectNode namespace = RawPeer.request("echo", replies).put("namespace", "../etc");
        ObjectNode nonsense = RawPeer.request("echo", replies).put("version", "'; drop table");
        String[] expected = {"NoSuchMethod", "UnsupportedVersion", "UnsupportedVersion"};
        ObjectNode[] requests = {method, version, namespace};
        for (int i = 0; i < requests.length; i++) {
            raw.publishInner(topic, requests[i].toString());
            JsonNode reply = raw.take(replies);
            assertThat(reply.path("_msg_id")).isEqualTo(requests[i].path("_msg_id"));
            assertThat(reply.path("ending").asBoolean()).isTrue();
            JsonNode failure = RpcContract.json(reply.path("failure").asText());
            assertThat(failure.path("class").asText()).isEqualTo(expected[i]);
            assertThat(failure.path("module").asText()).isEqualTo("oslo_messaging.rpc.dispatcher");
        }
        assertThat(now().unknownMethods()).isEqualTo(before + 3);
        raw.publishInner(topic, nonsense.toString());
        assertThat(raw.take(replies).path("failure").isTextual()).isTrue();
        stillServing();
    }

    @Test
    void malformedCallsAreAnsweredWhereTheyCanBe() {
        ObjectNode list = RawPeer.request("echo", replies);
        list.putArray("args");
        ObjectNode nameless = RawPeer.request("echo", replies);
        nameless.remove("method");
        for (ObjectNode request : new ObjectNode[] {list, nameless}) {
            raw.publishInner(topic, request.toString());
            JsonNode reply = raw.take(replies);
            assertThat(reply.path("_msg_id")).isEqualTo(request.path("_msg_id"));
            assertThat(reply.path("failure").isTextual()).isTrue();
        }
        ObjectNode queueless = RawPeer.request("record", replies);
        queueless.remove("_reply_q");
        raw.publishInner(topic, queueless.toString());
        stillServing();
    }

    @Test
    void repeatedRequestsAreDoneOnce() {
        ObjectNode request = RawPeer.request("record", replies);
        request.withObject("args").put("value", "repeated");
        long before = now().duplicates();
        for (int i = 0; i < 3; i++) {
            raw.publishInner(topic, request.toString());
        }
        raw.take(replies);
        Await.until(() -> now().duplicates() == before + 2);
        assertThat(server.received()).containsOnlyOnce(RpcContract.json("'repeated'"));
    }

    @Test
    void repliesToVanishedQueuesAreDropped() {
        long before = now().repliesDropped();
        raw.publishInner(topic, RawPeer.request("echo", "reply_vanished").toString());
        raw.publishInner(topic, RawPeer.request("echo", "").toString());
        raw.publishInner(topic, RawPeer.request("echo", "x".repeat(300)).toString());
        stillServing();
        Await.until(() -> now().repliesDropped() > before);
        stillServing();
    }

    /** Signs of life only for a whole number of at least 2 s ({@code rpc/dispatcher.py}). */
    @Test
    void strangeMonitorTimesAreBorne() {
        for (String time :
                new String[] {"0", "-1", "1", "'2'", "2.5", "1e9", "true", "[]", "'x'"}) {
            ObjectNode request = RawPeer.request("echo", replies);
            request.set("_timeout", RpcContract.json(time));
            raw.publishInner(topic, request.toString());
            JsonNode reply = raw.take(replies);
            assertThat(reply.path("_msg_id")).isEqualTo(request.path("_msg_id"));
            assertThat(reply.path("ending").asBoolean()).isTrue();
        }
        stillServing();
    }

    @Test
    void signsOfLifeOnlyForThoseWhoAsk() {
        String quiet = raw.queue(null);
        String monitored = raw.queue(null);
        ObjectNode plain = RawPeer.request("slow", quiet);
        plain.putObject("args").put("seconds", 2);
        ObjectNode watched = RawPeer.request("slow", monitored).put("_timeout", 2);
        watched.set("args", plain.get("args"));
        raw.publishInner(topic, plain.toString());
        raw.publishInner(topic, watched.toString());
        JsonNode sign = raw.take(monitored);
        assertThat(sign.path("ending").asBoolean()).isFalse();
        assertThat(sign.path("failure").isNull()).isTrue();
        assertThat(sign.path("result").isNull()).isTrue();
        JsonNode last = raw.take(monitored);
        while (!last.path("ending").asBoolean()) {
            last = raw.take(monitored);
        }
        assertThat(last.path("result").asText()).isEqualTo("done");
        assertThat(raw.take(quiet).path("ending").asBoolean()).isTrue();
    }
}
