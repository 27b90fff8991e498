package io.virtman.cinder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.cinder.database.Seed;
import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.volume.FlowTest;
import io.virtman.cinder.volume.Names;
import io.virtman.cinder.volume.VolumeSettings.ImportPolicy;
import io.virtman.messaging.rpc.RpcFault;
import io.virtman.messaging.rpc.RpcMethod;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests with an answer: those that were captured, and those that nobody should send. */
class CallsTest extends FlowTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> ALL =
            List.of(
                    "attachment_update",
                    "attachment_delete",
                    "initialize_connection",
                    "terminate_connection",
                    "remove_export");

    CallsTest(TestCinder cinder) {
        super(cinder);
    }

    private Map<String, RpcMethod> methods() {
        return methods(Duration.ofSeconds(45));
    }

    private Map<String, RpcMethod> methods(Duration patience) {
        return new Calls(
                        ledger,
                        flow.attach(),
                        () -> new CapabilityReport("virtman", "pool0", 20, 0).properties("ctl@v"),
                        patience)
                .methods();
    }

    private @Nullable JsonNode call(RpcRequest request) throws Exception {
        return Objects.requireNonNull(methods().get(request.method())).handle(request);
    }

    private RpcFault fault(RpcRequest request) {
        return Objects.requireNonNull(
                catchThrowableOfType(RpcFault.class, () -> call(request)), request.method());
    }

    private static List<String> keys(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static JsonNode reply(String method) {
        return Captured.of(method).getFirst().path("reply").path("result");
    }

    private RpcRequest update(String volume, String attachment, String host) {
        return Captured.fresh(
                "attachment_update",
                Captured.id("attachment_update", "vref"),
                volume,
                "b0e222d9-54ee-4a59-8994-5f71540d9d85",
                attachment,
                connectorHost("attachment_update"),
                host);
    }

    private static String connectorHost(String method) {
        return "\"host\":\""
                + Captured.of(method)
                        .getFirst()
                        .path("request")
                        .path("args")
                        .path("connector")
                        .path("host")
                        .asText()
                + "\"";
    }

    private static String host(String name) {
        return "\"host\":\"" + name + "\"";
    }

    @Test
    void aRequestThatHasWaitedForTooLongIsRefusedUnseen() throws Exception {
        String volume = made(2, null);
        String attachment = reserved(volume, HOST);
        RpcRequest request = update(volume, attachment, host(HOST));

        RpcFault fault =
                catchThrowableOfType(
                        RpcFault.class,
                        () ->
                                Objects.requireNonNull(
                                                methods(Duration.ZERO).get("attachment_update"))
                                        .handle(request));

        assertThat(fault.failure().type()).isEqualTo("VolumeBackendAPIException");
        assertThat(engine.count("attach")).isZero();
    }

    @Test
    void aCapturedAttachmentIsAnsweredWithTheSameKeys() throws Exception {
        String volume = made(2, null);
        String instance = Seed.uuid();
        nova.put(instance, HOST);
        String attachment = seed.reserved(volume, instance);

        JsonNode reply = Objects.requireNonNull(call(update(volume, attachment, host(HOST))));

        assertThat(keys(reply))
                .containsExactlyInAnyOrderElementsOf(keys(reply("attachment_update")));
        assertThat(reply.get("driver_volume_type").asText()).isEqualTo("gpfs");
        assertThat(reply.get("device_path").asText())
                .isEqualTo("/run/virtman/disks/volume-" + volume);
        assertThat(reply.get("attachment_id").asText()).isEqualTo(attachment);
        for (String same : List.of("access_mode", "cacheable", "encrypted", "qos_specs")) {
            assertThat(reply.get(same)).isEqualTo(reply("attachment_update").get(same));
        }
        assertThat(cinder.one("SELECT connector FROM volume_attachment WHERE id = ?", attachment))
                .contains("\"host\":\"h1\"");

        RpcRequest delete =
                Captured.fresh(
                        "attachment_delete",
                        Captured.id("attachment_delete", "vref"),
                        volume,
                        "b0e222d9-54ee-4a59-8994-5f71540d9d85",
                        attachment);
        assertThat(call(delete)).isNull();
        assertThat(reply("attachment_delete").isNull()).isTrue();
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isFalse();
    }

    @Test
    void anOldConnectionIsAnsweredWithTheSameKeys() throws Exception {
        flow = flow(false, ImportPolicy.LAZY);
        String volume = made(2, null);
        RpcRequest request =
                Captured.fresh(
                        "initialize_connection",
                        Captured.id("initialize_connection", "volume"),
                        volume,
                        connectorHost("initialize_connection"),
                        host(HOST));

        JsonNode reply = Objects.requireNonNull(call(request));

        JsonNode captured = reply("initialize_connection");
        assertThat(keys(reply)).containsExactlyInAnyOrderElementsOf(keys(captured));
        assertThat(keys(reply.get("data")))
                .containsExactlyInAnyOrderElementsOf(keys(captured.get("data")));
        RpcRequest end =
                Captured.fresh(
                        "terminate_connection",
                        Captured.id("initialize_connection", "volume"),
                        volume,
                        connectorHost("terminate_connection"),
                        host(HOST));
        assertThat(call(end)).isNull();
        assertThat(engine.disk(HOST, Names.disk(volume)).orElseThrow().offered()).isFalse();
    }

    @Test
    void capabilitiesHaveTheKeysThatTheApiShows() throws Exception {
        JsonNode reply = Objects.requireNonNull(call(Captured.fresh("get_capabilities")));

        assertThat(keys(reply))
                .contains(
                        "vendor_name",
                        "volume_backend_name",
                        "pool_name",
                        "driver_version",
                        "storage_protocol",
                        "display_name",
                        "description",
                        "visibility",
                        "replication_targets",
                        "properties");
        assertThat(call(Captured.fresh("get_manageable_volumes"))).isEqualTo(JSON.arrayNode());
    }

    @Test
    void failuresAreCindersOwn() throws Exception {
        String volume = made(2, null);
        String instance = Seed.uuid();
        nova.put(instance, HOST);
        String attachment = seed.reserved(volume, instance);
        engine.fail("attach", Kind.FAILED);

        assertFailure(
                fault(update(volume, attachment, host(HOST))),
                "VolumeBackendAPIException",
                "data",
                500);
        assertFailure(fault(update(volume, attachment, host("h9"))), "InvalidInput", "reason", 400);
        assertFailure(
                fault(update(Seed.uuid(), attachment, host(HOST))),
                "VolumeNotFound",
                "volume_id",
                404);
        assertFailure(
                fault(Captured.fresh("attach_volume")), "VolumeBackendAPIException", "data", 500);
        cinder.execute("UPDATE virtman.bridge_fence SET epoch = epoch + 1");
        engine.fail("attach", null);
        assertFailure(
                fault(update(volume, attachment, host(HOST))),
                "VolumeBackendAPIException",
                "data",
                500);
    }

    private static void assertFailure(RpcFault fault, String type, String argument, int code) {
        assertThat(fault.failure().module()).isEqualTo("cinder.exception");
        assertThat(fault.failure().type()).isEqualTo(type);
        assertThat(fault.failure().kwargs().get("code")).isEqualTo(JSON.numberNode(code));
        assertThat(keys(fault.failure().kwargs())).containsExactlyInAnyOrder(argument, "code");
        assertThat(fault.failure().message()).isNotEmpty();
    }

    @Test
    void whatNobodyCanMeanIsInvalidInputAndChangesNothing() throws Exception {
        for (String method : ALL) {
            for (ObjectNode args : OrderReaderTest.hostile()) {
                ObjectNode renamed = args.deepCopy();
                if (args.has("volume")) {
                    renamed.set("vref", args.get("volume"));
                }
                renamed.put("attachment_id", Seed.uuid());
                assertThat(fault(request(method, renamed)).failure().type())
                        .as(method + " " + brief(renamed))
                        .isEqualTo("InvalidInput");
            }
        }
        assertThat(engine.calls()).isEmpty();
        assertThat(cinder.list("SELECT * FROM virtman.bridge_request")).isEmpty();
    }

    private static String brief(JsonNode args) {
        String text = args.toString();
        return text.substring(0, Math.min(text.length(), 200));
    }

    private static RpcRequest request(String method, ObjectNode args) {
        return Captured.with(
                new RpcRequest(
                        method,
                        args,
                        "3.0",
                        null,
                        Captured.fresh("attachment_update").context(),
                        null,
                        null),
                Seed.uuid(),
                args);
    }

    @Test
    void connectorsThatNobodyHasAreInvalidInput() throws Exception {
        String volume = made(1, null);
        String attachment = seed.reserved(volume, null);
        List<JsonNode> connectors = new ArrayList<>();
        connectors.add(JSON.nullNode());
        connectors.add(JSON.textNode("h1"));
        connectors.add(JSON.arrayNode());
        connectors.add(JSON.objectNode());
        connectors.add(JSON.objectNode().put("host", 5));
        connectors.add(JSON.objectNode().put("host", ""));
        connectors.add(JSON.objectNode().put("host", "h".repeat(10_000)));
        connectors.add(JSON.objectNode().put("host", "h1\uD83D\uDE00"));
        connectors.add(JSON.objectNode().put("host", "../h1"));
        connectors.add(JSON.objectNode().put("host", HOST).put("mountpoint", "m".repeat(10_000)));
        connectors.add(JSON.objectNode().put("host", HOST).put("mode", "rwx"));
        connectors.add(JSON.objectNode().put("host", HOST).put("junk", "j".repeat(200_000)));
        flow = flow(false, ImportPolicy.LAZY);
        for (JsonNode connector : connectors) {
            ObjectNode args = JSON.objectNode();
            args.putObject("vref").put("id", volume);
            args.putObject("volume").put("id", volume);
            args.put("attachment_id", attachment);
            args.set("connector", connector);
            for (String method : List.of("attachment_update", "initialize_connection")) {
                assertThat(fault(request(method, args)).failure().type())
                        .as(method + " " + brief(connector))
                        .isEqualTo("InvalidInput");
            }
        }
        assertThat(engine.allDisks()).isEmpty();
        assertThat(status(volume)).isEqualTo("reserved");
    }

    @Test
    void namesInAnyScriptAreKept() throws Exception {
        flow = flow(false, ImportPolicy.LAZY);
        String volume = made(1, null);
        String attachment = seed.reserved(volume, null);
        ObjectNode args = JSON.objectNode();
        args.putObject("vref").put("id", volume);
        args.put("attachment_id", attachment);
        args.putObject("connector").put("host", HOST).put("os", "\uD83D\uDE00 \u00e4");

        call(request("attachment_update", args));

        assertThat(cinder.one("SELECT connector FROM volume_attachment WHERE id = ?", attachment))
                .contains("\\uD83D\\uDE00 \\u00E4");
    }

    @Test
    void freezingIsNoted() throws Exception {
        call(request("freeze_host", JSON.objectNode()));
        assertThat(cinder.one("SELECT frozen FROM services")).isEqualTo("1");
        call(request("thaw_host", JSON.objectNode()));
        assertThat(cinder.one("SELECT frozen FROM services")).isEqualTo("0");
    }
}
