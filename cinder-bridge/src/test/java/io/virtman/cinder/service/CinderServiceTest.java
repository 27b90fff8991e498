package io.virtman.cinder.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.database.Leases;
import io.virtman.cinder.database.CinderExtension;
import io.virtman.cinder.database.OwnTables;
import io.virtman.cinder.database.RequestJournal;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.Services;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.rpc.Captured;
import io.virtman.messaging.rpc.RemoteException;
import io.virtman.messaging.rpc.RpcCall;
import io.virtman.messaging.rpc.Target;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.testkit.Await;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The service as Cinder sees it: queues, signs of life, reports, and who leads. */
@ExtendWith(CinderExtension.class)
class CinderServiceTest {
    private final TestCinder cinder;
    private ServiceScene scene;

    @SuppressWarnings("NullAway.Init") // before each test
    CinderServiceTest(TestCinder cinder) {
        this.cinder = cinder;
    }

    @BeforeEach
    void begin(@TempDir Path directory) throws Exception {
        scene = new ServiceScene(cinder, RabbitBroker.shared(), directory, 3);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    private static List<String> rows(JsonNode table, String... columns) {
        List<String> rows = new ArrayList<>();
        for (JsonNode row : table) {
            List<String> texts = new ArrayList<>();
            for (String column : columns) {
                texts.add(
                        row.get(column).isTextual()
                                ? row.get(column).asText()
                                : row.get(column).toString());
            }
            String text = String.join(" ", texts).replaceAll("_[0-9a-f]{32}", "_X");
            if (text.contains("cinder-volume")) {
                rows.add(text);
            }
        }
        return rows;
    }

    /** As the captured topology of a backend of Zed, without the queue that all backends share. */
    @Test
    void queuesAndBindingsAreThoseOfABackend() throws Exception {
        scene.lead();
        RabbitBroker broker = RabbitBroker.shared();

        String expires = "[[\"x-expires\",\"signedint\",1800000]]";
        assertThat(
                        rows(
                                broker.table(
                                        "-p",
                                        broker.virtualHost(),
                                        "list_queues",
                                        "name",
                                        "durable",
                                        "auto_delete",
                                        "exclusive",
                                        "arguments",
                                        "consumers"),
                                "name",
                                "durable",
                                "auto_delete",
                                "exclusive",
                                "consumers"))
                .containsExactlyInAnyOrder(
                        "cinder-volume.ctl@virtman false false false 1",
                        "cinder-volume.ctl@virtman.ctl false false false 1",
                        "cinder-volume_fanout_X false false false 1",
                        "cinder-volume.ctl@virtman_fanout_X false false false 1");
        assertThat(
                        rows(
                                broker.table(
                                        "-p",
                                        broker.virtualHost(),
                                        "list_queues",
                                        "name",
                                        "arguments"),
                                "name",
                                "arguments"))
                .contains("cinder-volume_fanout_X " + expires);
        assertThat(
                        rows(
                                broker.table(
                                        "-p",
                                        broker.virtualHost(),
                                        "list_bindings",
                                        "source_name",
                                        "destination_name",
                                        "routing_key"),
                                "source_name",
                                "destination_name",
                                "routing_key"))
                .contains(
                        "openstack cinder-volume.ctl@virtman cinder-volume.ctl@virtman",
                        "openstack cinder-volume.ctl@virtman.ctl cinder-volume.ctl@virtman.ctl",
                        "cinder-volume_fanout cinder-volume_fanout_X cinder-volume",
                        "cinder-volume.ctl@virtman_fanout cinder-volume.ctl@virtman_fanout_X"
                                + " cinder-volume.ctl@virtman")
                .noneMatch(text -> text.startsWith("openstack cinder-volume cinder-volume"));
    }

    @Test
    void theSchedulerIsToldAtTheStartAndWhenItAsks() throws Exception {
        scene.seed.volume(7, "available");
        scene.lead();
        Await.until(() -> scene.reports.size() == 1);
        scene.client.cast(
                Target.of("openstack", "cinder-volume").withFanout().withVersion("3.0"),
                RpcCall.of("publish_service_capabilities").build());
        Await.until(() -> scene.reports.size() == 2);

        ObjectNode report = scene.reports.get(1);
        assertThat(report.get("service_name").asText()).isEqualTo("volume");
        assertThat(report.get("host").asText()).isEqualTo("ctl@virtman");
        assertThat(report.get("cluster_name").isNull()).isTrue();
        assertThat(report.get("timestamp").asText())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
        JsonNode capabilities = report.get("capabilities");
        assertThat(capabilities.get("volume_backend_name").asText()).isEqualTo("virtman");
        JsonNode pool = capabilities.get("pools").get(0);
        assertThat(pool.get("pool_name").asText()).isEqualTo("pool0");
        assertThat(pool.get("total_capacity_gb").asDouble()).isEqualTo(200.0);
        assertThat(pool.get("free_capacity_gb").asDouble()).isEqualTo(120.0);
        assertThat(pool.get("provisioned_capacity_gb").asInt()).isEqualTo(7);
        assertThat(pool.get("max_over_subscription_ratio").asText()).isEqualTo("20.0");
        assertThat(pool.get("thin_provisioning_support").asBoolean()).isTrue();
        assertThat(pool.get("multiattach").asBoolean()).isFalse();
        assertThat(pool.get("backend_state").asText()).isEqualTo("up");
    }

    private int beats() {
        return Integer.parseInt(scene.one("SELECT report_count FROM services WHERE deleted = 0"));
    }

    @Test
    void itLivesWhileANodeLivesAndEndsInOrder() throws Exception {
        CinderService service = scene.lead();
        int before = beats();
        Await.until(() -> beats() > before + 1);
        scene.engine.alive("h1", false);
        scene.engine.alive("h2", false);
        long asked = scene.engine.count("hosts");
        Await.until(() -> scene.engine.count("hosts") > asked + 1); // a beat under way has ended
        int dead = beats();
        long then = scene.engine.count("hosts");
        Await.until(() -> scene.engine.count("hosts") > then + 2);
        assertThat(beats()).isEqualTo(dead);
        scene.engine.alive("h2", true);
        Await.until(() -> beats() > dead);

        service.close();

        assertThat(
                        scene.one(
                                "SELECT updated_at < UTC_TIMESTAMP() - INTERVAL 1 HOUR, deleted"
                                        + " FROM services"))
                .isEqualTo("1|0");
    }

    @Test
    void aRowThatWasRemovedIsMadeAgain() throws Exception {
        scene.lead();
        cinder.execute("UPDATE services SET deleted = 1");

        Await.until(() -> scene.one("SELECT COUNT(*) FROM services WHERE deleted = 0").equals("1"));

        String volume = scene.seed.creating(1);
        Await.until(() -> isServed());
        scene.create(volume);
        Await.until(() -> scene.status(volume).equals("available"));
    }

    private boolean isServed() {
        try {
            scene.client.call(
                    ServiceScene.SERVER, ServiceScene.call(Captured.fresh("get_capabilities")));
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    @Test
    void aStandbyLeadsWhenTheLeaderIsDeadAndTheDeadWritesNoMore() throws Exception {
        Lease dead =
                new Leases(cinder.database, OwnTables.LEASES, Duration.ofSeconds(3))
                        .acquire(TestCinder.BACKEND, "a process that was killed")
                        .orElseThrow();
        CinderService standby = scene.start();
        assertThat(standby.awaitLeadership(Duration.ofMillis(500))).isFalse();
        assertThat(scene.one("SELECT COUNT(*) FROM services")).isEqualTo("0");

        assertThat(standby.awaitLeadership(Duration.ofSeconds(20))).isTrue();

        assertThatThrownBy(() ->
                        cinder.database.change(
                                dead, tx -> Services.deregister(tx, TestCinder.BACKEND)))
                .isInstanceOf(LeaseLostException.class);
        assertThat(scene.one("SELECT deleted FROM services")).isEqualTo("0");
    }

    @Test
    void whoEndsInOrderIsFollowedAtOnce() throws Exception {
        CinderService first = scene.lead();
        CinderService second = scene.start();
        assertThat(second.awaitLeadership(Duration.ofMillis(500))).isFalse();

        first.close();

        assertThat(second.awaitLeadership(Duration.ofSeconds(20))).isTrue();
        String volume = scene.seed.creating(1);
        scene.create(volume);
        Await.until(() -> scene.status(volume).equals("available"));
        assertThat(scene.one("SELECT COUNT(*) FROM services")).isEqualTo("1");
    }

    @Test
    void requestsAndCrumbsOfAFormerRunAreEnded() throws Exception {
        Lease former = cinder.lead();
        var row = cinder.database.change(former, tx -> Services.register(tx, TestCinder.IDENTITY));
        String written = scene.seed.creating(1);
        String forgotten = scene.seed.creating(1);
        RpcRequest request =
                Captured.fresh("create_volume", Captured.id("create_volume", "volume"), written);
        cinder.database.change(
                former,
                tx ->
                        new RequestJournal(TestCinder.BACKEND, 10)
                                .receive(
                                        tx,
                                        String.valueOf(request.uniqueId()),
                                        "create_volume",
                                        "{\"method\": \"create_volume\", \"volumeId\": \""
                                                + written
                                                + "\"}"));
        cinder.update("UPDATE workers SET service_id = ?", row.id());
        cinder.execute("UPDATE virtman.bridge_lease SET expires_at = '2000-01-01'");

        scene.lead();

        Await.until(() -> scene.status(written).equals("available"));
        assertThat(scene.status(forgotten)).isEqualTo("error");
        Await.until(() -> scene.one("SELECT COUNT(*) FROM workers").equals("0"));
    }

    @Test
    void fromAnImageToAHostAndBackAsCinderAsks() throws Exception {
        scene.lead();
        String image = scene.glance.raw(1 << 30);
        String volume = scene.seed.creating(1);
        RpcRequest create =
                Captured.request(
                        Captured.of("create_volume").get(1),
                        "bd117430-7749-4473-8b3a-97b28e318b0d",
                        volume,
                        "05652e00-043b-4ae2-9897-cdecda267fee",
                        image);
        scene.client.cast(ServiceScene.SERVER, ServiceScene.call(create));
        Await.until(() -> scene.status(volume).equals("available"));
        String instance = Seed.uuid();
        scene.nova.put(instance, "h2");
        String attachment = scene.seed.reserved(volume, instance);
        RpcRequest update =
                Captured.fresh(
                        "attachment_update",
                        Captured.id("attachment_update", "vref"),
                        volume,
                        "b0e222d9-54ee-4a59-8994-5f71540d9d85",
                        attachment);
        ObjectNode args = update.args();
        ((ObjectNode) Objects.requireNonNull(args.get("connector"))).put("host", "h2");

        JsonNode reply =
                scene.client.call(
                        ServiceScene.SERVER.withVersion("3.9"), ServiceScene.call(update));

        assertThat(reply.get("driver_volume_type").asText()).isEqualTo("gpfs");
        assertThat(scene.engine.allDisks()).containsExactly("volume-" + volume + "@h2");
        cinder.update("UPDATE volume_attachment SET deleted = 1");
        cinder.update(
                "UPDATE volumes SET status = 'deleting', attach_status = 'detached' WHERE id = ?",
                volume);
        scene.client.cast(
                ServiceScene.SERVER,
                ServiceScene.call(
                        Captured.fresh(
                                "delete_volume", Captured.id("delete_volume", "volume"), volume)));
        Await.until(() -> scene.status(volume).equals("deleted"));
        assertThat(scene.engine.allDisks()).isEmpty();
        assertThat(scene.seed.usage()).isEqualTo(Seed.usage(0, 0, 0));
    }

    @Test
    void whatItDoesNotKnowItSays() throws Exception {
        scene.lead();

        RemoteException unknown =
                Objects.requireNonNull(
                        catchThrowableOfType(
                                RemoteException.class,
                                () ->
                                        scene.client.call(
                                                ServiceScene.SERVER,
                                                RpcCall.of("make_coffee").build())));
        assertThat(unknown.failure().type()).isEqualTo("NoSuchMethod");
        RemoteException hostile =
                Objects.requireNonNull(
                        catchThrowableOfType(
                                RemoteException.class,
                                () ->
                                        scene.client.call(
                                                ServiceScene.SERVER,
                                                RpcCall.of("attachment_update")
                                                        .arg("vref", "../x")
                                                        .build())));
        assertThat(hostile.failure().module()).isEqualTo("cinder.exception");
        assertThat(hostile.failure().type()).isEqualTo("InvalidInput");
        assertThat(hostile.failure().kwargs().get("code").asInt()).isEqualTo(400);
    }
}
