package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.testkit.RabbitBroker;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that answers anything at all: the caller gets an exception of ours, and lives on. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileReplyTest {
    private final String topic = Call.freshTopic();
    private final JavaSide java = new JavaSide();
    private RawPeer raw;
    private Side.Caller caller;
    private String requests;

    @BeforeAll
    void start() {
        raw = new RawPeer(RabbitBroker.shared());
        caller = java.caller(Configuration.write(RabbitBroker.shared()), "peer_failures");
        String exchange = "interop";
        requests = raw.queue(topic + ".raw");
        // a first cast declares the exchange, then the queue can be bound to it
        caller.cast(Call.of(topic, "nothing").server("raw"));
        raw.bind(requests, exchange);
    }

    @AfterAll
    void stop() {
        java.close();
        raw.close();
    }

    private record Begun(CompletableFuture<JsonNode> answer, String queue, ObjectNode reply) {}

    private Begun begin() {
        Call call = Call.of(topic, "echo", Map.of("value", 1)).server("raw").timeout(10);
        CompletableFuture<JsonNode> answer = caller.start(call);
        JsonNode request = raw.take(requests);
        while (request.path("_reply_q").isMissingNode()) {
            request = raw.take(requests);
        }
        ObjectNode reply = RpcContract.JSON.createObjectNode();
        reply.putNull("result");
        reply.putNull("failure");
        reply.put("ending", true);
        reply.set("_msg_id", request.path("_msg_id"));
        reply.put("_unique_id", RawPeer.hex());
        return new Begun(answer, request.path("_reply_q").asText(), reply);
    }

    private static CallFailure failure(Begun begun) {
        try {
            throw new AssertionError("answered: " + begun.answer().join());
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(CallFailure.class);
            return (CallFailure) e.getCause();
        }
    }

    private void stillAnswered() {
        Begun begun = begin();
        raw.publishInner(begun.queue(), begun.reply().put("result", 42).toString());
        assertThat(begun.answer().join().asInt()).isEqualTo(42);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'class':'Runtime','module':'java.lang','message':'m','tb':[],'args':['id']}",
                "{'class':'ProcessBuilder','module':'java.lang','message':'m','args':[['id']]}",
                "{'class':'system','module':'os','message':'m','args':['id'],'kwargs':{}}",
                "{'class':'../../x','module':'\\u0000','message':'\\n[ERROR] forged\\u001b[2J'}",
                "{'class':'NoSuch','module':'peer_failures','message':'m','args':[],'kwargs':{}}",
                "{'class':'VolumeNotFound','module':'peer_failures'}",
                "{'class':7,'module':[],'message':{},'tb':'x','args':{},'kwargs':[]}",
                "{}",
                "[]",
                "not json",
                "''"
            })
    void hostileFailuresAreOnlyData(String text) {
        Begun begun = begin();
        String failure = text.replace('\'', '"');
        raw.publishInner(begun.queue(), begun.reply().put("failure", failure).toString());
        assertThat(failure(begun).kind())
                .isIn(
                        CallFailure.Kind.UNMAPPED,
                        CallFailure.Kind.MAPPED,
                        CallFailure.Kind.NOT_SENT);
        stillAnswered();
    }

    @Test
    void longFailuresAreBorne() {
        Begun begun = begin();
        ObjectNode failure = RpcContract.JSON.createObjectNode();
        failure.put("class", "X".repeat(1_000_000));
        failure.put("module", "m");
        failure.put("message", "y".repeat(1_000_000));
        raw.publishInner(
                begun.queue(), begun.reply().put("failure", failure.toString()).toString());
        assertThat(failure(begun).kind()).isNotEqualTo(CallFailure.Kind.TIMEOUT);
        stillAnswered();
    }

    @Test
    void nonsenseDoesNotReachTheCall() {
        Begun begun = begin();
        raw.publish(begun.queue(), "garbage");
        raw.publish(begun.queue(), "[".repeat(100_000));
        raw.publishInner(begun.queue(), "{}");
        raw.publishInner(
                begun.queue(), begun.reply().deepCopy().put("_msg_id", "other").toString());
        raw.publishInner(begun.queue(), begun.reply().deepCopy().putNull("_msg_id").toString());
        raw.publish(begun.queue(), RawPeer.JSON, new byte[20_000_000]);
        // a sign of life that nobody asked for
        raw.publishInner(begun.queue(), begun.reply().deepCopy().put("ending", false).toString());
        assertThat(begun.answer()).isNotDone();
        ObjectNode last = begun.reply().put("result", 7).put("_unique_id", RawPeer.hex());
        raw.publishInner(begun.queue(), last.toString());
        assertThat(begun.answer().join().asInt()).isEqualTo(7);
        stillAnswered();
    }

    @Test
    void silenceEndsAMonitoredCall() {
        Call call = Call.of(topic, "echo", Map.of("value", 1)).server("raw").timeout(30);
        long start = System.nanoTime();
        CompletableFuture<JsonNode> answer = caller.start(call.monitor(2));
        JsonNode request = raw.take(requests);
        assertThat(request.path("_timeout").intValue()).isEqualTo(2);
        assertThat(failure(new Begun(answer, "", RpcContract.JSON.createObjectNode())).kind())
                .isEqualTo(CallFailure.Kind.TIMEOUT);
        assertThat((System.nanoTime() - start) / 1_000_000_000).isBetween(2L, 10L);
        stillAnswered();
    }

    @Test
    void theFirstOfTwoAnswersCounts() {
        Begun begun = begin();
        raw.publishInner(begun.queue(), begun.reply().put("result", 1).toString());
        raw.publishInner(begun.queue(), begun.reply().put("result", 2).toString());
        assertThat(begun.answer().join().asInt()).isEqualTo(1);
        stillAnswered();
    }
}
