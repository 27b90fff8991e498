package io.virtman.nova.boot;

import io.virtman.nova.boot.BootServer.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a look at Nova changes of what is known.
 *
 * @param servers that are new or have changed, by id
 * @param settled numbers of batches of which no more servers will come
 * @param unseen ids of servers that were known and did not show; each is to be asked for by its id
 *     before it counts as gone
 */
public record Sighting(
        Map<String, BootServer> servers, List<Integer> settled, List<String> unseen) {
    /** Copies what it is given. */
    public Sighting {
        servers = Map.copyOf(servers);
        settled = List.copyOf(settled);
        unseen = List.copyOf(unseen);
    }

    /**
     * Compares.
     *
     * @param seen all of this boot that Nova shows
     * @param now by the clock of {@link Batch#sentAt}
     * @param patience for how long after it was sent a request may still take effect
     */
    public static Sighting of(
            Progress known, List<SeenServer> seen, Instant now, Duration patience) {
        Map<String, BootServer> before =
                known.servers().stream().collect(Collectors.toMap(BootServer::id, each -> each));
        Map<String, BootServer> changed = new LinkedHashMap<>();
        Map<Integer, Integer> perBatch = new LinkedHashMap<>();
        known.servers().forEach(each -> perBatch.merge(each.batch(), 1, Integer::sum));
        for (SeenServer each : seen) {
            BootServer was = before.get(each.id());
            if (was == null && !changed.containsKey(each.id())) {
                perBatch.merge(each.batch(), 1, Integer::sum);
            }
            State state = state(was == null ? State.BUILDING : was.state(), each.status());
            if (was == null || was.state() != state) {
                Instant since = was == null ? now : was.since();
                changed.put(each.id(), new BootServer(each.id(), each.batch(), state, since));
            }
        }
        return new Sighting(changed, settled(known, perBatch, now, patience), unseen(known, seen));
    }

    /** The same, and these are gone. */
    public Sighting with(List<String> gone, Progress known) {
        Map<String, BootServer> all = new LinkedHashMap<>(servers);
        known.servers().stream()
                .filter(server -> gone.contains(server.id()))
                .forEach(server -> all.put(server.id(), server.in(State.GONE)));
        return new Sighting(all, settled, List.of());
    }

    /** Whether nothing has changed. */
    public boolean isEmpty() {
        return servers.isEmpty() && settled.isEmpty();
    }

    private static List<Integer> settled(
            Progress known, Map<Integer, Integer> perBatch, Instant now, Duration patience) {
        List<Integer> settled = new ArrayList<>();
        for (Batch batch : known.batches()) {
            boolean all = perBatch.getOrDefault(batch.number(), 0) >= batch.size();
            boolean late = batch.sentAt().plus(patience).isBefore(now);
            if (batch.state() == Batch.State.SENT && (all || late)) {
                settled.add(batch.number());
            }
        }
        return settled;
    }

    private static List<String> unseen(Progress known, List<SeenServer> seen) {
        Set<String> ids = seen.stream().map(SeenServer::id).collect(Collectors.toSet());
        return known.servers().stream()
                .filter(server -> server.state() != State.GONE && !ids.contains(server.id()))
                .map(BootServer::id)
                .toList();
    }

    /**
     * What a server is now. One that has been given up stays so while it is being built; what users
     * do with a server that runs doesn't matter; and a cell that doesn't answer tells nothing.
     */
    private static State state(State before, String status) {
        if (before == State.DELETING) {
            return status.equals("DELETED") ? State.GONE : State.DELETING;
        }
        return switch (status) {
            case "BUILD" -> before == State.GONE ? State.BUILDING : before;
            case "ERROR" -> State.FAILED;
            case "DELETED", "SOFT_DELETED" -> State.GONE;
            case "UNKNOWN" -> before;
            default -> State.ACTIVE;
        };
    }

    /** What is known then. */
    public Progress applied(Progress known) {
        Map<String, BootServer> servers = new LinkedHashMap<>();
        known.servers().forEach(each -> servers.put(each.id(), each));
        servers.putAll(this.servers);
        return new Progress(
                known.state(),
                known.count(),
                known.deleteOnFailure(),
                known.hopeless(),
                known.attempts(),
                known.batches().stream()
                        .map(batch ->
                                settled.contains(batch.number())
                                        ? batch.in(Batch.State.SETTLED)
                                        : batch)
                        .toList(),
                List.copyOf(servers.values()));
    }
}
