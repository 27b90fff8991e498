package io.virtman.cinder.rpc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.LeaseLostException;
import io.virtman.bridge.deadline.Deadline;
import io.virtman.cinder.database.Services;
import io.virtman.cinder.database.UserMessage.Detail;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.Connection;
import io.virtman.cinder.volume.Connector;
import io.virtman.cinder.volume.Ledger;
import io.virtman.cinder.volume.VolumeAttach;
import io.virtman.cinder.volume.VolumeFault;
import io.virtman.messaging.rpc.RpcFault;
import io.virtman.messaging.rpc.RpcMethod;
import io.virtman.messaging.rpc.RpcServer;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.problem.ProblemException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Requests whose callers wait for an answer, and for no longer than a minute. */
final class Calls {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Of Cinder's column, TEXT. */
    private static final int LONGEST_CONNECTOR = 60_000;

    /** As Python writes it, so that any column can hold it. */
    private static final ObjectMapper ASCII =
            JsonMapper.builder(
                            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
                    .build();

    private final Ledger ledger;
    private final VolumeAttach attach;
    private final Supplier<ObjectNode> capabilities;
    private final Duration patience;

    /**
     * @param patience of those who wait for an answer
     */
    Calls(
            Ledger ledger,
            VolumeAttach attach,
            Supplier<ObjectNode> capabilities,
            Duration patience) {
        this.ledger = ledger;
        this.attach = attach;
        this.capabilities = capabilities;
        this.patience = patience;
    }

    Map<String, RpcMethod> methods() {
        Map<String, RpcMethod> methods = new LinkedHashMap<>();
        methods.put("attachment_update", this::attachmentUpdate);
        methods.put("attachment_delete", this::attachmentDelete);
        methods.put("initialize_connection", this::initialize);
        methods.put("terminate_connection", this::terminate);
        methods.put("remove_export", this::removeExport);
        methods.put("get_capabilities", _ -> capabilities.get());
        methods.put("get_manageable_volumes", _ -> JSON.arrayNode());
        methods.put("get_manageable_snapshots", _ -> JSON.arrayNode());
        methods.put("accept_transfer", _ -> JSON.objectNode());
        methods.put("secure_file_operations_enabled", _ -> BooleanNode.FALSE);
        methods.put("freeze_host", _ -> frozen(true));
        methods.put("thaw_host", _ -> frozen(false));
        LogLevels levels = new LogLevels();
        methods.put("get_log_levels", levels::get);
        methods.put("set_log_levels", levels::set);
        for (String name : new String[] {"migrate_volume_completion", "update_migrated_volume"}) {
            methods.put(name, _ -> refuse("VolumeMigrationFailed", "reason", "not supported"));
        }
        for (String name :
                new String[] {
                    "attach_volume",
                    "detach_volume",
                    "initialize_connection_snapshot",
                    "terminate_connection_snapshot",
                    "remove_export_snapshot",
                    "list_replication_targets"
                }) {
            methods.put(
                    name,
                    _ -> refuse("VolumeBackendAPIException", "data", name + " is not supported"));
        }
        Map<String, RpcMethod> guarded = new LinkedHashMap<>();
        methods.forEach((name, method) -> guarded.put(name, guarded(method)));
        return guarded;
    }

    /** Every failure as the exception of Cinder's that says it best. */
    private RpcMethod guarded(RpcMethod method) {
        return request -> {
            try {
                return Deadline.within(left(), () -> method.handle(request));
            } catch (VolumeFault e) {
                throw fault(e);
            } catch (MalformedRequestException e) {
                throw fault(VolumeFault.input(String.valueOf(e.getMessage())));
            } catch (ProblemException e) {
                throw fault(VolumeFault.of(e, Detail.UNKNOWN_ERROR));
            } catch (DatabaseException e) {
                throw fault(VolumeFault.backend("the database failed", Detail.UNKNOWN_ERROR));
            } catch (LeaseLostException e) {
                throw fault(
                        VolumeFault.backend(
                                "another service leads now; try again", Detail.UNKNOWN_ERROR));
            }
        };
    }

    /** The caller's patience has begun to end when the request came. */
    private Duration left() {
        Duration left = patience.minus(RpcServer.waited());
        if (!left.isPositive()) {
            throw VolumeFault.backend(
                    "too many requests came before this one; try again", Detail.UNKNOWN_ERROR);
        }
        return left;
    }

    private static RpcFault fault(VolumeFault fault) {
        RpcFault result =
                RpcFault.of("cinder.exception", fault.type(), fault.getMessage())
                        .with("code", JSON.numberNode(fault.code()));
        for (Map.Entry<String, String> argument : fault.arguments().entrySet()) {
            result = result.with(argument.getKey(), JSON.textNode(argument.getValue()));
        }
        return result;
    }

    private static JsonNode refuse(String type, String argument, String text) {
        throw RpcFault.of("cinder.exception", type, text)
                .with(argument, JSON.textNode(text))
                .with("code", JSON.numberNode(500));
    }

    private @Nullable JsonNode attachmentUpdate(RpcRequest request) {
        Arguments arguments = new Arguments(request);
        Connection connection =
                attach.update(
                        caller(request),
                        arguments.id("vref", "volume_id"),
                        id(arguments, "attachment_id"),
                        connector(arguments));
        return data(connection).put("driver_volume_type", "gpfs");
    }

    private @Nullable JsonNode attachmentDelete(RpcRequest request) {
        Arguments arguments = new Arguments(request);
        attach.delete(
                caller(request), id(arguments, "attachment_id"), arguments.id("vref", "volume_id"));
        return null;
    }

    private @Nullable JsonNode initialize(RpcRequest request) {
        Arguments arguments = new Arguments(request);
        Connection connection =
                attach.initialize(arguments.id("volume", "volume_id"), connector(arguments));
        ObjectNode reply = JSON.objectNode().put("driver_volume_type", "gpfs");
        reply.set("data", data(connection));
        return reply;
    }

    private @Nullable JsonNode terminate(RpcRequest request) {
        Arguments arguments = new Arguments(request);
        // without a connector it is about every host, as after an evacuation
        String host = Arguments.text(arguments.object("connector"), "host");
        attach.terminate(arguments.id("volume", "volume_id"), host);
        return null;
    }

    private @Nullable JsonNode removeExport(RpcRequest request) {
        attach.terminate(new Arguments(request).id("volume", "volume_id"), null);
        return null;
    }

    private JsonNode frozen(boolean frozen) {
        boolean _ = ledger.change(tx -> Services.freeze(tx, ledger.service(), frozen));
        return BooleanNode.TRUE;
    }

    private static ObjectNode data(Connection connection) {
        ObjectNode data = JSON.objectNode();
        data.put("device_path", connection.path());
        data.put("access_mode", connection.mode());
        data.put("encrypted", false);
        data.put("cacheable", false);
        ObjectNode specs = JSON.objectNode();
        connection.frontEndSpecs().ifPresent(limits -> limits.forEach(specs::put));
        data.set("qos_specs", specs.isEmpty() ? JSON.nullNode() : specs);
        if (connection.attachmentId() != null) {
            data.put("attachment_id", connection.attachmentId());
        }
        return data;
    }

    private static String id(Arguments arguments, String name) {
        return arguments.id("-", name);
    }

    private static Connector connector(Arguments arguments) {
        ObjectNode connector = arguments.object("connector");
        String host = Arguments.shortText(connector, "host");
        if (host == null) {
            throw Arguments.malformed("connector", "names no host");
        }
        return new Connector(
                host,
                Arguments.shortText(connector, "mountpoint"),
                Arguments.text(connector, "mode"),
                json(connector));
    }

    private static String json(ObjectNode connector) {
        try {
            String json = ASCII.writeValueAsString(connector);
            if (json.length() > LONGEST_CONNECTOR) {
                throw Arguments.malformed("connector", "is too large");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new MalformedRequestException("argument connector is no JSON", e);
        }
    }

    private static Caller caller(RpcRequest request) {
        return new Caller(
                Arguments.name(request.context().projectId()),
                Arguments.name(request.context().requestId()),
                null);
    }
}
