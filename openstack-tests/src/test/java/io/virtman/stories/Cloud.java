package io.virtman.stories;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a story makes through the `openstack` client. States are waited for in the database, since
 * each call of the client takes seconds. After each story everything it made is removed, and the
 * cloud must be as before: no quota in use, no work left, no disk on a node, no mount.
 */
final class Cloud implements BeforeEachCallback, AfterEachCallback {
    static final Duration VOLUME = Duration.ofMinutes(2);
    private static final Duration SERVER = Duration.ofMinutes(5);
    private static final Duration GONE = Duration.ofMinutes(3);

    private final Cli cli = Bed.admin();
    private final List<String> servers = new ArrayList<>();
    private final List<String> snapshots = new ArrayList<>();
    private final List<String> volumes = new ArrayList<>();
    private final List<String> images = new ArrayList<>();
    private Leftovers before = Leftovers.NONE;

    @Override
    public void beforeEach(ExtensionContext context) {
        before = Leftovers.now();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        deleteAll(servers, "server", "delete");
        servers.forEach(this::awaitServerGone);
        servers.clear();
        deleteAll(snapshots, "volume", "snapshot", "delete");
        snapshots.forEach(id -> awaitRowGone("snapshots", id));
        snapshots.clear();
        deleteAll(volumes, "volume", "delete");
        volumes.forEach(id -> awaitRowGone("volumes", id));
        volumes.clear();
        deleteAll(images, "image", "delete");
        images.clear();
        Leftovers expected = before;
        Deadline.awaitValue(
                GONE, "nothing is left but " + expected, Leftovers::now, expected::equals);
    }

    /** With one call, since each takes seconds. What is gone already does not matter. */
    private void deleteAll(List<String> ids, String... command) {
        if (!ids.isEmpty()) {
            List<String> argv = new ArrayList<>(List.of(command));
            argv.addAll(ids);
            cli.openstack(argv.toArray(String[]::new));
        }
    }

    Cli cli() {
        return cli;
    }

    /** Uploads an image to Glance. */
    String image(String name, String format, Path file) {
        List<String> argv = new ArrayList<>(List.of("image", "create"));
        argv.addAll(List.of("--disk-format", format, "--container-format", "bare"));
        argv.addAll(List.of("--file", file.toString(), name));
        String id = text(cli.json(argv.toArray(String[]::new)), "id");
        images.add(id);
        return id;
    }

    // ------------------------------------------------------------ volumes

    /** `openstack volume create ARGUMENT... NAME`; returns at once. */
    String beginVolume(String name, String... arguments) {
        List<String> argv = new ArrayList<>(List.of("volume", "create"));
        argv.addAll(List.of(arguments));
        argv.add(name);
        String id = text(cli.json(argv.toArray(String[]::new)), "id");
        volumes.add(id);
        return id;
    }

    /** The same, and waits until the volume is available. */
    String volume(String name, String... arguments) {
        String id = beginVolume(name, arguments);
        awaitVolume(id, "available");
        return id;
    }

    void awaitVolume(String id, String status) {
        Deadline.awaitValue(
                VOLUME,
                "volume " + id + " is " + status,
                () -> volumeStatus(id),
                seen -> reached(seen, status));
    }

    String volumeStatus(String id) {
        return Rows.one("SELECT status FROM cinder.volumes WHERE id = ?", id);
    }

    /** Deletes a volume, and waits until it is gone. */
    void deleteVolume(String id) {
        cli.openstack("volume", "delete", id).orFail();
        awaitRowGone("volumes", id);
        volumes.remove(id);
    }

    String snapshot(String name, String volume) {
        String id = text(cli.json("volume", "snapshot", "create", "--volume", volume, name), "id");
        snapshots.add(id);
        Deadline.awaitValue(
                VOLUME,
                "snapshot " + id + " is available",
                () -> Rows.one("SELECT status FROM cinder.snapshots WHERE id = ?", id),
                seen -> reached(seen, "available"));
        return id;
    }

    void deleteSnapshot(String id) {
        cli.openstack("volume", "snapshot", "delete", id).orFail();
        awaitRowGone("snapshots", id);
        snapshots.remove(id);
    }

    private static void awaitRowGone(String table, String id) {
        Deadline.awaitValue(
                GONE,
                table + " " + id + " is deleted",
                () ->
                        Rows.one(
                                "SELECT IF(deleted, 'deleted', status) FROM cinder."
                                        + table
                                        + " WHERE id = ?",
                                id),
                seen -> reached(seen, "deleted"));
    }

    // ------------------------------------------------------------ servers

    /** A server on the host with real guests; waits until Nova says it is active. */
    String server(String name, String... arguments) {
        List<String> argv =
                new ArrayList<>(List.of("server", "create", "--flavor", "t.tiny", "--nic", "none"));
        argv.addAll(List.of("--host", Bed.LIBVIRT));
        argv.addAll(List.of(arguments));
        argv.add(name);
        String id = text(cli.json(argv.toArray(String[]::new)), "id");
        adoptServer(id);
        awaitServer(id, "active");
        return id;
    }

    /** Has a server removed after the story that another client has made. */
    void adoptServer(String id) {
        servers.add(id);
    }

    /** Nova's word for the state, such as {@code active} or {@code stopped}, with no task left. */
    void awaitServer(String id, String state) {
        Deadline.awaitValue(
                SERVER,
                "server " + id + " is " + state,
                () -> serverState(id),
                seen -> reached(seen, state + " NULL"));
    }

    private static String serverState(String id) {
        List<String> row =
                Rows.all("SELECT vm_state, task_state FROM nova.instances WHERE uuid = ?", id)
                        .stream()
                        .findFirst()
                        .orElse(List.of("unscheduled", ""));
        return String.join(" ", row);
    }

    void awaitServerGone(String id) {
        Deadline.await(
                GONE,
                "server " + id + " is deleted",
                () ->
                        Rows.count(
                                        "SELECT COUNT(*) FROM nova.instances"
                                                + " WHERE uuid = ? AND deleted = 0",
                                        id)
                                == 0);
    }

    /** Has a volume removed after the story that Nova has made. */
    void adoptVolume(String id) {
        volumes.add(id);
    }

    // ------------------------------------------------------------ refusals

    /** The texts that `openstack volume message list` has about a volume. */
    List<String> messages(String volume) {
        List<String> texts = new ArrayList<>();
        Consumer<JsonNode> add =
                message -> {
                    if (text(message, "Resource UUID").equals(volume)) {
                        texts.add(text(message, "User Message"));
                    }
                };
        cli.json("volume", "message", "list").forEach(add);
        return texts;
    }

    /** A field of an answer, which must be there. */
    static String text(JsonNode answer, String field) {
        JsonNode value = answer.get(field);
        if (value == null) {
            throw new AssertionError("no " + field + " in " + answer);
        }
        return value.asText();
    }

    /** Whether this is the state that was waited for; fails at once when it can't come any more. */
    private static boolean reached(String seen, String wanted) {
        if (seen.startsWith("error") && !wanted.startsWith("error")) {
            throw new AssertionError("the state is " + seen + ", not " + wanted);
        }
        return seen.equals(wanted);
    }
}
