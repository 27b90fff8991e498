package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.MessagingException;
import io.virtman.messaging.transport.Transport;
import io.virtman.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NotifierTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final FakeTransport transport = new FakeTransport();
    private final CountDownLatch gate = new CountDownLatch(1);

    private Notifier.Builder builder() {
        return Notifier.builder(transport, "volume.ctl@virtman").clock(InstantSource.fixed(NOW));
    }

    @AfterEach
    void close() {
        gate.countDown();
        transport.close();
    }

    private static JsonNode payload() {
        return JsonNodeFactory.instance.objectNode().put("volume_id", "v-1");
    }

    private void hold() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void writesWhatOsloMessagingWrites() throws IOException {
        Notifier notifier = builder().exchange("nova").build();
        assertThat(notifier.info(Notifications.context(), "volume.create.end", payload())).isTrue();

        FakeTransport.Sent sent = transport.sent.getFirst();
        assertThat(sent.to()).isEqualTo(new Address.Notification("nova", "notifications", "info"));
        assertThat(sent.routing()).isEqualTo(Transport.Routing.OPTIONAL);
        assertThat(sent.message().expiration()).isNull();
        ObjectNode inner = Notifications.inner(sent.message());
        assertThat(new TreeSet<>(names(inner)))
                .containsExactly(
                        "_context_project_id",
                        "_context_request_id",
                        "_unique_id",
                        "event_type",
                        "message_id",
                        "payload",
                        "priority",
                        "publisher_id",
                        "timestamp");
        assertThat(inner.path("priority").textValue()).isEqualTo("INFO");
        assertThat(inner.path("publisher_id").textValue()).isEqualTo("volume.ctl@virtman");
        assertThat(inner.path("event_type").textValue()).isEqualTo("volume.create.end");
        assertThat(inner.path("timestamp").textValue()).isEqualTo("2026-01-02 03:04:05.000000");
        assertThat(inner.path("message_id").textValue()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}.*");
        assertThat(inner.path("_unique_id").textValue()).matches("[0-9a-f]{32}");
        assertThat(inner.path("payload")).isEqualTo(payload());
        assertThat(sent.message().body())
                .doesNotContain("SECRET".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(notifier.statistics()).isEqualTo(new NotifierStatistics(1, 0, 0, 0));
    }

    private static List<String> names(ObjectNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void everyPriorityHasAQueueOfItsOwn() throws IOException {
        Notifier notifier = builder().build();
        notifier.audit(Notifications.context(), "e", payload());
        notifier.debug(Notifications.context(), "e", payload());
        notifier.info(Notifications.context(), "e", payload());
        notifier.warn(Notifications.context(), "e", payload());
        notifier.error(Notifications.context(), "e", payload());
        notifier.critical(Notifications.context(), "e", payload());
        notifier.sample(Notifications.context(), "e", payload());
        List<String> queues = new ArrayList<>();
        for (FakeTransport.Sent sent : transport.sent) {
            queues.add(((Address.Notification) sent.to()).priority());
            assertThat(Notifications.inner(sent.message()).path("priority").textValue())
                    .isEqualToIgnoringCase(queues.getLast());
        }
        assertThat(queues)
                .containsExactly("audit", "debug", "info", "warn", "error", "critical", "sample");
    }

    @Test
    void firstFormatHasNoEnvelope() throws IOException {
        Notifier notifier = builder().driver(NotificationDriver.MESSAGING).build();
        notifier.info(Notifications.context(), "e", payload());
        JsonNode body = Notifications.JSON.readTree(transport.sent.getFirst().message().body());
        assertThat(body.has("oslo.message")).isFalse();
        assertThat(body.path("event_type").textValue()).isEqualTo("e");
        assertThat(body.path("_unique_id").textValue()).matches("[0-9a-f]{32}");
    }

    @Test
    void everyTopicGetsACopyWithAnIdOfItsOwn() throws IOException {
        Notifier notifier =
                builder().topics(List.of(Notifier.TOPIC, Notifier.VERSIONED_TOPIC)).build();
        assertThat(notifier.withPublisherId("other").info(Notifications.context(), "e", payload()))
                .isTrue();
        assertThat(transport.sent)
                .extracting(FakeTransport.Sent::to)
                .containsExactly(
                        new Address.Notification("openstack", "notifications", "info"),
                        new Address.Notification("openstack", "versioned_notifications", "info"));
        ObjectNode one = Notifications.inner(transport.sent.get(0).message());
        ObjectNode two = Notifications.inner(transport.sent.get(1).message());
        assertThat(one.path("publisher_id").textValue()).isEqualTo("other");
        assertThat(one.path("message_id")).isEqualTo(two.path("message_id"));
        assertThat(one.path("_unique_id")).isNotEqualTo(two.path("_unique_id"));
        assertThat(notifier.statistics().sent()).isEqualTo(1);
    }

    @Test
    void failureIsAResultAndNotAnException() {
        transport.answer =
                CompletableFuture.failedFuture(new MessagingException.Closed("broker is gone"));
        Notifier notifier = builder().build();
        assertThat(notifier.error(Notifications.context(), "e", payload())).isFalse();
        assertThatThrownBy(
                        notifier.send(
                                        Notifications.context(),
                                        NotificationPriority.ERROR,
                                        "e",
                                        payload())
                                ::get)
                .hasCauseInstanceOf(MessagingException.Closed.class);
        assertThat(notifier.statistics()).isEqualTo(new NotifierStatistics(0, 2, 0, 0));
    }

    @Test
    void payloadThatCannotBeWrittenIsAFailureToo() {
        ObjectNode deep = JsonNodeFactory.instance.objectNode();
        ObjectNode inner = deep;
        for (int i = 0; i < 20_000; i++) {
            inner = inner.putObject("x");
        }
        Notifier notifier = builder().build();
        assertThat(notifier.info(Notifications.context(), "e", deep)).isFalse();
        assertThat(notifier.statistics()).isEqualTo(new NotifierStatistics(0, 1, 0, 0));
    }

    @Test
    void stuckTransportDoesNotHoldTheCallerBeyondTheLimit() {
        transport.beforeSend = this::hold;
        Notifier notifier = builder().limit(Duration.ofMillis(50)).build();
        CompletableFuture<Void> first =
                notifier.send(Notifications.context(), NotificationPriority.INFO, "e", payload());
        assertThatThrownBy(first::get).hasCauseInstanceOf(MessagingException.Timeout.class);
        assertThat(notifier.info(Notifications.context(), "late", payload())).isFalse();
        gate.countDown();
        Await.until(() -> transport.sent.size() == 1);
        assertThat(notifier.close(Duration.ofSeconds(20))).isZero();
        assertThat(transport.sent).hasSize(1); // the late one was not sent any more
    }

    @Test
    void refusesMoreThanMayBePending() {
        transport.beforeSend = this::hold;
        Notifier notifier = builder().maximumPending(2).build();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(
                    notifier.send(
                            Notifications.context(),
                            NotificationPriority.INFO,
                            "e" + i,
                            payload()));
        }
        assertThat(all.get(2)).isCompletedExceptionally();
        assertThat(notifier.statistics()).isEqualTo(new NotifierStatistics(0, 0, 1, 2));
        gate.countDown();
        assertThat(notifier.close(Duration.ofSeconds(20))).isZero();
        assertThat(notifier.statistics()).isEqualTo(new NotifierStatistics(2, 0, 1, 0));
        assertThat(notifier.info(Notifications.context(), "e", payload())).isFalse();
        assertThat(notifier.statistics().refused()).isEqualTo(2);
    }

    @Test
    void closeSaysWhatWasNotConfirmed() {
        transport.answer = new CompletableFuture<>();
        Notifier notifier = builder().build();
        CompletableFuture<Void> sent =
                notifier.send(Notifications.context(), NotificationPriority.INFO, "e", payload());
        assertThat(notifier.close(Duration.ofMillis(10))).isEqualTo(1);
        transport.answer.complete(null);
        assertThat(sent).succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void keepsTheOrderOfACaller() throws IOException {
        Notifier notifier = builder().build();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Void> _ =
                    notifier.send(
                            Notifications.context(), NotificationPriority.INFO, "e" + i, payload());
        }
        assertThat(notifier.close(Duration.ofSeconds(20))).isZero();
        for (int i = 0; i < 100; i++) {
            assertThat(
                            Notifications.inner(transport.sent.get(i).message())
                                    .path("event_type")
                                    .textValue())
                    .isEqualTo("e" + i);
        }
    }

    @Test
    void namesOfDriversAreThoseOfTheConfiguration() {
        assertThat(NotificationDriver.of("messagingv2")).contains(NotificationDriver.MESSAGINGV2);
        assertThat(NotificationDriver.of("messaging")).contains(NotificationDriver.MESSAGING);
        assertThat(NotificationDriver.of("log")).isEmpty();
    }
}
