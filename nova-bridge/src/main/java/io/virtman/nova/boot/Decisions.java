package io.virtman.nova.boot;

import io.virtman.nova.boot.BootServer.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a boot does next. What makes the number of servers exact: a server that may be there counts
 * as there, so nothing is asked for in its place before it is known to be lost; and a boot isn't at
 * its end before nothing is under way and no server too many is left.
 */
public final class Decisions {
    private Decisions() {}

    /**
     * Decides; the same again and again until something changes.
     *
     * @param room how many servers more may be under way now, 0 or more
     * @param largestBatch 1 or more
     */
    public static List<Step> next(Progress progress, int room, int largestBatch) {
        return switch (progress.state()) {
            case RUNNING -> running(progress, room, largestBatch);
            case CANCELLING -> cancelling(progress);
            case CLEARING -> clearing(progress, BootState.CANCELLED);
            case FAILING -> clearing(progress, BootState.FAILED);
            case COMPLETED, FAILED, CANCELLED -> List.of();
        };
    }

    private static List<Step> running(Progress progress, int room, int largestBatch) {
        List<Step> steps = new ArrayList<>(tidied(progress));
        int missing = progress.count() - progress.in(State.ACTIVE) - progress.underWay();
        int possible = progress.hopeless() ? 0 : progress.attemptsLeft();
        int wanted = Math.min(Math.min(missing, possible), room);
        for (int left = wanted; left > 0; left -= largestBatch) {
            steps.add(new Step.Send(Math.min(left, largestBatch)));
        }
        if (!steps.isEmpty() || progress.underWay() > 0 || progress.in(State.DELETING) > 0) {
            return steps;
        }
        if (missing <= 0) {
            return List.of(new Step.Enter(BootState.COMPLETED));
        }
        if (possible > 0) {
            return List.of(); // there is no room
        }
        return List.of(
                new Step.Enter(progress.deleteOnFailure() ? BootState.FAILING : BootState.FAILED));
    }

    /**
     * Servers that must go: those too many, the latest first; and failed ones that were replaced or
     * can be. Of the failed, as many stay as are missing at the end: somebody will want to look.
     */
    private static List<Step> tidied(Progress progress) {
        List<String> gone = new ArrayList<>(surplus(progress).toList());
        int missing = progress.count() - progress.in(State.ACTIVE) - progress.underWay();
        int kept = progress.hopeless() || progress.attemptsLeft() == 0 ? Math.max(0, missing) : 0;
        progress.servers().stream()
                .filter(server -> server.state() == State.FAILED)
                .skip(kept)
                .map(BootServer::id)
                .forEach(gone::add);
        return deletion(gone);
    }

    private static Stream<String> surplus(Progress progress) {
        int wanted = progress.in(State.ACTIVE) + progress.in(State.BUILDING);
        return progress.servers().stream()
                .filter(server -> server.state().isWanted())
                .sorted(
                        Comparator.comparing((BootServer server) -> server.state() == State.ACTIVE)
                                .thenComparing(Comparator.comparing(BootServer::batch).reversed()))
                .limit(Math.max(0, wanted - progress.count()))
                .map(BootServer::id);
    }

    private static List<Step> cancelling(Progress progress) {
        List<Step> steps = deletion(surplus(progress).toList());
        return steps.isEmpty() && progress.underWay() == 0 && progress.in(State.DELETING) == 0
                ? List.of(new Step.Enter(BootState.CANCELLED))
                : steps;
    }

    private static List<Step> clearing(Progress progress, BootState last) {
        List<Step> steps =
                deletion(
                        progress.servers().stream()
                                .filter(server ->
                                        server.state().isWanted() || server.state() == State.FAILED)
                                .map(BootServer::id)
                                .toList());
        return steps.isEmpty() && progress.unseen() == 0 && progress.in(State.DELETING) == 0
                ? List.of(new Step.Enter(last))
                : steps;
    }

    private static List<Step> deletion(List<String> ids) {
        return ids.isEmpty() ? List.of() : List.of(new Step.Delete(ids));
    }
}
