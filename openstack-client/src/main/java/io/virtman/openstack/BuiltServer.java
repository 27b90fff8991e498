package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.PlainText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server as Nova has it.
 *
 * @param id of the server
 * @param name of the server
 * @param status e.g. {@code BUILD}, {@code ACTIVE}, {@code ERROR}: Nova's words
 * @param taskState e.g. {@code spawning}; null when nothing is being done
 * @param metadata that it was made with
 * @param fault what has gone wrong, on one line of at most 500 characters; null when nothing has
 * @param host the name of its nova-compute; null while it has none, and for whom is no
 *     administrator
 * @param created by Nova's clock
 * @param launched when it first ran; null before
 * @param volumeIds of the volumes that are attached to it
 */
public record BuiltServer(
        String id,
        String name,
        String status,
        @Nullable String taskState,
        Map<String, String> metadata,
        @Nullable String fault,
        @Nullable String host,
        Instant created,
        @Nullable Instant launched,
        List<String> volumeIds) {
    private static final int LONGEST_FAULT = 500;

    /** Keeps copies. */
    public BuiltServer {
        metadata = Map.copyOf(metadata);
        volumeIds = List.copyOf(volumeIds);
    }

    static BuiltServer of(JsonFields server) {
        String host = server.textOrNull("OS-EXT-SRV-ATTR:host");
        return new BuiltServer(
                Ids.answered("server", server.text("id")),
                server.text("name"),
                server.text("status"),
                server.textOrNull("OS-EXT-STS:task_state"),
                server.texts("metadata"),
                fault(server),
                host == null || host.isEmpty() ? null : host,
                server.instant("created"),
                server.instantOrNull("OS-SRV-USG:launched_at"),
                server.objects("os-extended-volumes:volumes_attached").stream()
                        .map(volume -> Ids.answered("volume", volume.text("id")))
                        .toList());
    }

    private static @Nullable String fault(JsonFields server) {
        if (!server.hasObject("fault")) {
            return null;
        }
        String message = server.object("fault").textOrNull("message");
        return PlainText.of(message == null ? "" : message, LONGEST_FAULT);
    }
}
