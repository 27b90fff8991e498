package io.virtman.messaging.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * An exception on its way from server to caller. Source: {@code oslo_messaging/_drivers/common.py},
 * {@code serialize_remote_exception}. Section 1.7 of the wire format. Only data: no class is ever
 * loaded by these names.
 *
 * @param type class name without module, e.g. {@code VolumeNotFound}
 * @param module e.g. {@code cinder.exception}
 * @param message for people
 * @param traceback lines of the server's stack trace; may be empty
 * @param args positional arguments its constructor was given
 * @param kwargs named arguments its constructor was given
 */
public record RemoteFailure(
        String type,
        String module,
        String message,
        List<String> traceback,
        List<JsonNode> args,
        ObjectNode kwargs) {
    public RemoteFailure {
        traceback = List.copyOf(traceback);
        args = List.copyOf(args);
    }

    /** Class and message. */
    @Override
    public String toString() {
        return Fields.forLog(module) + "." + Fields.forLog(type) + ": " + Fields.forLog(message);
    }
}
