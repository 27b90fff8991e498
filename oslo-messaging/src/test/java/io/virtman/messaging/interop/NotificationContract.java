package io.virtman.messaging.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a listener hears of a notifier, whatever each is written in.
 *
 * <p>Facts of oslo.messaging 14.0.3: the notifier declares the queue {@code topic.priority} itself,
 * so that what is sent before anybody listens is kept ({@code impl_rabbit.py}, {@code
 * _publish_and_creates_default_queue}); it also does when only pools listen, and then nobody ever
 * empties that queue. Tokens never leave the notifier ({@code notify/notifier.py}, {@code
 * _sanitize_context}).
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class NotificationContract {
    private static final JsonNode CONTEXT =
            RpcContract.json("{'request_id':'req-7','user_id':'u','roles':['a']}");

    private Path configuration;
    private Side.Notifying notifier;

    abstract Side notifiers();

    abstract Side listeners();

    @BeforeAll
    void open() {
        configuration = Configuration.write(RabbitBroker.shared());
        notifier = notifiers().notifier(configuration);
    }

    @AfterAll
    void close() {
        notifiers().close();
        if (listeners() != notifiers()) {
            listeners().close();
        }
    }

    private static Side.Notice notice(String event, String payload) {
        return new Side.Notice("compute.h-ü", event, RpcContract.json(payload), CONTEXT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void arrivesWholeInBothFormats(boolean enveloped) {
        String topic = Call.freshTopic();
        List<Side.Notice> sent =
                List.of(
                        notice("instance.create.start", "{'id':1,'nested':[{'ü':null}]}"),
                        notice("text", "'only text'"),
                        notice(
                                "instance.update",
                                "{'nova_object.name':'InstanceUpdatePayload',"
                                        + "'nova_object.namespace':'nova',"
                                        + "'nova_object.version':'1.8',"
                                        + "'nova_object.data':{'uuid':'u','state':'active'}}"));
        // the first one before anybody listens
        notifier.send(enveloped, topic, "info", sent.get(0));
        Side.Heard heard = listeners().listen(configuration, topic, "", 0);
        notifier.send(enveloped, topic, "error", sent.get(1));
        notifier.send(enveloped, topic, "info", sent.get(2));
        Await.until(() -> heard.notices().size() == 3 && heard.priorities().size() == 3);
        assertThat(heard.priorities()).containsExactlyInAnyOrder("info", "error", "info");
        for (Side.Notice notice : sent) {
            Side.Notice same =
                    heard.notices().stream()
                            .filter(other -> other.event().equals(notice.event()))
                            .findFirst()
                            .orElseThrow();
            assertThat(same.payload()).isEqualTo(notice.payload());
            assertThat(same.publisher()).isEqualTo(notice.publisher());
            CONTEXT.properties()
                    .forEach(attribute ->
                            assertThat(same.context().get(attribute.getKey()))
                                    .isEqualTo(attribute.getValue()));
        }
    }

    @Test
    void tokensStayAtHome() {
        String topic = Call.freshTopic();
        Side.Heard heard = listeners().listen(configuration, topic, "", 0);
        JsonNode context =
                RpcContract.json("{'request_id':'r','auth_token':'secret','service_catalog':[1]}");
        notifier.send(
                true, topic, "info", new Side.Notice("p", "e", RpcContract.json("1"), context));
        Await.until(() -> heard.notices().size() == 1);
        assertThat(heard.notices().getFirst().context().path("request_id").asText()).isEqualTo("r");
        assertThat(heard.notices().getFirst().context().toString())
                .doesNotContain("secret", "service_catalog");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsGivenBackComesAgain(boolean enveloped) {
        String topic = Call.freshTopic();
        Side.Heard heard = listeners().listen(configuration, topic, "", 1);
        notifier.send(enveloped, topic, "info", notice("again", "[1]"));
        Await.until(() -> heard.notices().size() == 2);
        assertThat(heard.notices()).extracting(Side.Notice::event).containsOnly("again");
    }

    @Test
    void eachPoolGetsEachMessageOnce() {
        String topic = Call.freshTopic();
        Side.Heard first = listeners().listen(configuration, topic, topic + "-a", 0);
        Side.Heard second = listeners().listen(configuration, topic, topic + "-a", 0);
        Side.Heard alone = listeners().listen(configuration, topic, topic + "-b", 0);
        for (int i = 0; i < 20; i++) {
            notifier.send(true, topic, i % 2 == 0 ? "info" : "error", notice("e" + i, "" + i));
        }
        Await.until(() ->
                alone.notices().size() == 20
                        && first.notices().size() + second.notices().size() == 20);
        List<String> shared = new ArrayList<>();
        first.notices().forEach(notice -> shared.add(notice.event()));
        second.notices().forEach(notice -> shared.add(notice.event()));
        assertThat(shared).doesNotHaveDuplicates().hasSize(20);
        assertThat(first.notices()).isNotEmpty();
        assertThat(second.notices()).isNotEmpty();
        // one for whoever comes without a pool
        assertThat(RabbitBroker.shared().queues())
                .containsEntry(topic + ".info", 10)
                .containsEntry(topic + ".error", 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kombu_compression = gzip",
                "kombu_compression = bzip2",
                "amqp_durable_queues = true",
                "rabbit_quorum_queue = true"
            })
    void bothSidesUnderstandTheOption(String option) {
        Path special =
                Configuration.write(
                        RabbitBroker.shared(),
                        Configuration.EXCHANGE + option.replaceAll("[^a-z0-9]", ""),
                        option);
        String topic = Call.freshTopic();
        String text = RpcContract.longText();
        Side.Heard heard = listeners().listen(special, topic, "", 0);
        notifiers().notifier(special).send(true, topic, "info", notice("big", "'" + text + "'"));
        Await.until(() -> heard.notices().size() == 1);
        assertThat(heard.notices().getFirst().payload().asText()).isEqualTo(text);
    }
}
