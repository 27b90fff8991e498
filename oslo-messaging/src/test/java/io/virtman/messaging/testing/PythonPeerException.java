package io.virtman.messaging.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What a {@link PythonPeer} was asked to do ended in this Python exception. */
public final class PythonPeerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient JsonNode error;

    PythonPeerException(JsonNode error) {
        super(error.path("class").asText() + ": " + error.path("message").asText());
        this.error = error;
    }

    /** Name of its class, e.g. {@code MessagingTimeout} or {@code VolumeNotFound_Remote}. */
    public String type() {
        return error.path("class").asText();
    }

    /** Module of its class. */
    public String module() {
        return error.path("module").asText();
    }

    /** Names of its class and of those it extends. */
    public List<String> bases() {
        List<String> names = new ArrayList<>();
        error.path("bases").forEach(name -> names.add(name.asText()));
        return names;
    }

    /** What {@code str()} of it says. */
    public String text() {
        return error.path("message").asText();
    }

    /** Of a {@code RemoteError}: the class that the server named; empty for other exceptions. */
    public String remoteType() {
        return error.path("exc_type").asText("");
    }

    /** The named arguments it was made with. */
    public JsonNode kwargs() {
        return error.path("kwargs");
    }
}
