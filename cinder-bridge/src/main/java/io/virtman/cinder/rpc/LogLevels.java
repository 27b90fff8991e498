package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** An answer to {@code get_log_levels}: {@code objects/service.py:LogLevelList}, with nothing. */
final class LogLevels {
    private LogLevels() {}

    static JsonNode none() {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("versioned_object.name", "LogLevelList");
        list.put("versioned_object.namespace", "cinder");
        list.put("versioned_object.version", "1.0");
        list.putObject("versioned_object.data").putArray("objects");
        return list;
    }
}
