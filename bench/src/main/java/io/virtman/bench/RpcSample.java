package io.virtman.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;

/**
 * The call that is measured: Cinder's {@code attachment_update} as it was recorded.
 *
 * @param context of the request
 * @param args of the method
 * @param result what the server answers
 */
record RpcSample(ObjectNode context, ObjectNode args, JsonNode result) {
    /** Beside this class; the Python peer reads a copy of it. */
    static final String RESOURCE = "attachment_update.json";

    static RpcSample read(InputStream json) throws IOException {
        return new JsonMapper().readValue(json, RpcSample.class);
    }
}
