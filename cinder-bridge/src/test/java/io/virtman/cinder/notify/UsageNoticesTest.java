package io.virtman.cinder.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.FlowTest;
import io.virtman.cinder.volume.Ledger;
import io.virtman.cinder.volume.Notices.Event;
import io.virtman.messaging.config.NotificationOptions;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.notify.NotificationListener;
import io.virtman.messaging.notify.NotificationPriority;
import io.virtman.messaging.notify.NotificationResult;
import io.virtman.messaging.rabbit.RabbitSettings;
import io.virtman.messaging.rabbit.RabbitTransport;
import io.virtman.messaging.transport.Transport;
import io.virtman.messaging.wire.NotificationMessage;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What flows tell, from a real database to a real broker, beside what cinder-volume tells. */
class UsageNoticesTest extends FlowTest {
    private static final String EXCHANGE = "openstack";
    private static final String INSTANCE = "04ca6b3d-a3e7-48a8-8664-9685ce999109";

    private final List<NotificationMessage> heard = new CopyOnWriteArrayList<>();

    UsageNoticesTest(TestCinder cinder) {
        super(cinder);
    }

    private static JsonNode captured() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        UsageNoticesTest.class.getResourceAsStream("captured.json"))) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static NotificationOptions options(String... drivers) {
        return new NotificationOptions(
                List.of(drivers), List.of("notifications"), Optional.empty());
    }

    private UsageNotices open(NotificationOptions options, Transport transport) {
        UsageNotices notices =
                Notifications.open(
                        options,
                        RabbitOptions.DEFAULTS,
                        EXCHANGE,
                        TestCinder.BACKEND,
                        cinder.database,
                        transport);
        ledger =
                new Ledger(
                        ledger.database(),
                        ledger.lease(),
                        ledger.service(),
                        ledger.backend(),
                        ledger.journal(),
                        notices);
        flow = flow(false, io.virtman.cinder.volume.VolumeSettings.ImportPolicy.LAZY);
        return notices;
    }

    private static Transport transport(String url) {
        return RabbitTransport.open(
                TransportUrl.parse(url), RabbitOptions.DEFAULTS, RabbitSettings.of("test"));
    }

    @Test
    void aLifeIsToldAsCinderTellsIt() throws Exception {
        String url = RabbitBroker.shared().uri().replace("amqp://", "rabbit://");
        try (Transport transport = transport(url);
                UsageNotices notices = open(options("messagingv2", "noop"), transport)) {
            NotificationListener listener =
                    NotificationListener.builder(transport)
                            .target(EXCHANGE, "notifications")
                            .concurrency(1) // in order
                            .on(
                                    NotificationPriority.INFO,
                                    message -> {
                                        heard.add(message);
                                        return NotificationResult.HANDLED;
                                    })
                            .start(Duration.ofSeconds(10));
            live();
            Await.until(() -> heard.size() >= 12);
            assertThat(listener.close(Duration.ofSeconds(5))).isTrue();
            assertThat(notices.figures()).isEqualTo(new UsageNotices.Figures(12, 0));
        }

        assertThat(heard)
                .extracting(NotificationMessage::eventType)
                .containsExactly(
                        "volume.create.start",
                        "volume.create.end",
                        "snapshot.create.start",
                        "snapshot.create.end",
                        "volume.resize.start",
                        "volume.resize.end",
                        "volume.attach.start",
                        "volume.detach.start",
                        "volume.delete.start",
                        "snapshot.delete.start",
                        "snapshot.delete.end",
                        "volume.delete.end");
        JsonNode captured = captured();
        for (NotificationMessage message : heard) {
            String publisher = message.publisherId();
            String type = message.eventType();
            assertThat(publisher)
                    .isEqualTo(
                            type.substring(0, type.indexOf('.') + 1)
                                    + TestCinder.BACKEND
                                    + (type.startsWith("volume.create") ? "#pool0" : ""));
            assertThat(message.context().requestId())
                    .hasValueSatisfying(id -> assertThat(id).startsWith("req-"));
            assertThat(message.context().authToken()).isEmpty();
            if (captured.has(type)) {
                assertSame(type, captured.path(type).path("payload"), message.payload());
            }
        }
        assertThat(payload("volume.create.start").path("status").asText()).isEqualTo("creating");
        assertThat(payload("volume.create.end").path("status").asText()).isEqualTo("available");
        assertThat(payload("volume.create.end").path("created_at").asText())
                .isEqualTo("2026-03-04T05:00:00+00:00");
        assertThat(payload("volume.resize.end").path("size").asInt()).isEqualTo(2);
        assertThat(payload("volume.delete.end").path("status").asText()).isEqualTo("deleted");
        assertThat(payload("volume.delete.end").path("metadata").toString())
                .isEqualTo("[{\"key\":\"k\",\"value\":\"v\"}]");
        assertThat(payload("snapshot.create.start").path("metadata").asText())
                .isEqualTo("{'it\\'s \"a\" key': \"it's\"}");
    }

    private JsonNode payload(String type) {
        return heard.stream()
                .filter(message -> message.eventType().equals(type))
                .findFirst()
                .orElseThrow()
                .payload();
    }

    private void live() throws Exception {
        String volume = seed.creating(1);
        cinder.update(
                "INSERT INTO volume_metadata (deleted, volume_id, `key`, value)"
                        + " VALUES (0, ?, 'k', 'v')",
                volume);
        flow.create().run(request(), volume, null, null);
        seed.glance("volume_id", volume, "image_id", Seed.uuid());
        String snapshot = seed.snapshot(volume, 1, "creating");
        cinder.update(
                "INSERT INTO snapshot_metadata (deleted, snapshot_id, `key`, value)"
                        + " VALUES (0, ?, 'it''s \"a\" key', 'it''s')",
                snapshot);
        flow.snapshot().run(request(), snapshot);
        cinder.update("UPDATE volumes SET status = 'extending' WHERE id = ?", volume);
        flow.extend().run(request(), volume, 2, List.of());
        String attachment = seed.reserved(volume, INSTANCE);
        flow.attach().update(Caller.NOBODY, volume, attachment, connector(HOST));
        detached(volume, attachment);
        cinder.update("UPDATE volumes SET status = 'deleting' WHERE id = ?", volume);
        flow.delete().run(request(), volume, true, false);
    }

    /** The same keys and types; of lists the first elements; what is null says nothing of it. */
    private static void assertSame(String where, JsonNode theirs, JsonNode ours) {
        if (theirs.isNull() || ours.isNull()) {
            return;
        }
        assertThat(ours.getNodeType()).as(where).isEqualTo(theirs.getNodeType());
        if (theirs.isObject()) {
            Set<String> optional = Set.of("glance_metadata");
            assertThat(keys(ours, optional)).as(where).isEqualTo(keys(theirs, optional));
            theirs.fieldNames()
                    .forEachRemaining(key -> {
                        if (ours.has(key)) {
                            assertSame(where + "." + key, theirs.get(key), ours.get(key));
                        }
                    });
        } else if (theirs.isArray() && !theirs.isEmpty() && !ours.isEmpty()) {
            assertSame(where + "[0]", theirs.get(0), ours.get(0));
        }
    }

    private static Set<String> keys(JsonNode object, Set<String> without) {
        Set<String> keys = new TreeSet<>();
        object.fieldNames().forEachRemaining(keys::add);
        keys.removeAll(without);
        return keys;
    }

    @Test
    void anAbsentBrokerHoldsNothingUp() throws Exception {
        try (Transport transport = transport("rabbit://u:p@127.0.0.1:1/");
                UsageNotices notices = open(options("messaging"), transport)) {
            long start = System.nanoTime();
            live();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(20));
            assertThat(notices.figures().sent()).isZero();
        }
    }

    @Test
    void withoutADriverNothingIsReadOrSent() throws Exception {
        try (Transport transport = transport("rabbit://u:p@127.0.0.1:1/");
                UsageNotices notices = open(options("noop", "log"), transport)) {
            notices.volume(Caller.NOBODY, "no-such-volume", Event.CREATE_START);
            live();
            assertThat(notices.figures()).isEqualTo(new UsageNotices.Figures(0, 0));
        }
    }
}
