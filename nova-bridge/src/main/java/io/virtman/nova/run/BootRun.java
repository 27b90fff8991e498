package io.virtman.nova.run;

import io.virtman.nova.boot.Batch;
import io.virtman.nova.boot.BootServer;
import io.virtman.nova.boot.BootServer.State;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.boot.Decisions;
import io.virtman.nova.boot.Progress;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Sighting;
import io.virtman.nova.boot.Step;
import io.virtman.nova.cloud.BootCompute;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.cloud.CloudException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One boot as it is carried out. It has no memory of its own that matters: after a crash at any
 * point another one goes on with what the store knows and Nova shows. What is about to be done is
 * written down before it is done. For one thread.
 */
public final class BootRun {
    private static final Logger LOGGER = System.getLogger(BootRun.class.getName());
    private static final String DELETING = "deleting";

    private final String boot;
    private final BootStore store;
    private final BootCompute compute;
    private final Pace.Share pace;
    private final RunLimits limits;

    /**
     * @param boot its id, for the log
     * @param pace its share of what may be under way
     */
    public BootRun(
            String boot, BootStore store, BootCompute compute, Pace.Share pace, RunLimits limits) {
        this.boot = boot;
        this.store = store;
        this.compute = compute;
        this.pace = pace;
        this.limits = limits;
    }

    /**
     * Looks, decides, and does it.
     *
     * @return whether the boot is at its end
     * @throws CloudException UNAVAILABLE: another turn may do better
     */
    public boolean turn() {
        Progress known = store.progress();
        if (known.state().isLast()) {
            return true;
        }
        try {
            Progress now = look(known);
            pace.underWay(now.underWay());
            for (Step step : Decisions.next(now, pace.room(), limits.largestBatch())) {
                if (!take(step, known.state())) {
                    return false; // the next turn knows more
                }
            }
        } catch (CloudException e) {
            if (e.kind() != Kind.UNAUTHORIZED) {
                throw e;
            }
            store.giveUp("OpenStack no longer lets us act for you: " + e.getMessage());
            store.enter(known.state(), BootState.FAILED); // nothing can be deleted either
        }
        return store.progress().state().isLast();
    }

    private Progress look(Progress known) {
        Instant now = store.now();
        List<SeenServer> seen = new ArrayList<>(compute.servers());
        Sighting first = Sighting.of(known, seen, now, limits.patience());
        List<String> gone = new ArrayList<>();
        for (String id : first.unseen()) {
            compute.server(id).ifPresentOrElse(seen::add, () -> gone.add(id));
        }
        Sighting sighting = Sighting.of(known, seen, now, limits.patience()).with(gone, known);
        store.saw(sighting, seen);
        Progress after = sighting.applied(known);
        report(known, after);
        again(after, seen);
        return tooSlow(after, now);
    }

    /** Deletes again what was to be deleted, where Nova doesn't seem to be at it. */
    private void again(Progress now, List<SeenServer> seen) {
        Set<String> deleting = ids(now, State.DELETING);
        for (SeenServer each : seen) {
            if (deleting.contains(each.id()) && !DELETING.equals(each.phase())) {
                compute.delete(each.id());
            }
        }
    }

    /** Lets those go that are being built for too long. */
    private Progress tooSlow(Progress now, Instant time) {
        Instant latest = time.minus(limits.build());
        List<String> slow =
                now.servers().stream()
                        .filter(server -> server.state() == State.BUILDING)
                        .filter(server -> server.since().isBefore(latest))
                        .map(BootServer::id)
                        .toList();
        if (slow.isEmpty()) {
            return now;
        }
        LOGGER.log(
                Level.WARNING,
                "boot {0}: {1} servers are not up after {2} s, and are replaced",
                boot,
                slow.size(),
                limits.build().toSeconds());
        delete(slow);
        return store.progress();
    }

    private static Set<String> ids(Progress progress, State state) {
        return progress.servers().stream()
                .filter(server -> server.state() == state)
                .map(BootServer::id)
                .collect(Collectors.toSet());
    }

    private void report(Progress before, Progress after) {
        Map<String, State> known =
                before.servers().stream()
                        .collect(Collectors.toMap(BootServer::id, BootServer::state));
        for (BootServer server : after.servers()) {
            if (known.get(server.id()) != server.state()) {
                if (server.state() == State.ACTIVE) {
                    pace.built(server.batch());
                } else if (server.state() == State.FAILED) {
                    pace.failed(server.batch());
                }
            }
        }
    }

    /** Whether the steps behind it are still what is to be done. */
    private boolean take(Step step, BootState present) {
        switch (step) {
            case Step.Send(int size) -> {
                return send(size);
            }
            case Step.Delete(List<String> ids) -> delete(ids);
            case Step.Enter(BootState state) -> {
                LOGGER.log(Level.INFO, "boot {0} is {1}", boot, state);
                store.enter(present, state);
            }
        }
        return true;
    }

    private boolean send(int size) {
        Batch batch = store.send(size);
        pace.sent(batch.number());
        try {
            compute.create(batch.number(), size);
            return true;
        } catch (CloudException e) {
            if (e.kind() == Kind.REFUSED) {
                store.refused(batch);
                store.giveUp(Optional.ofNullable(e.getMessage()).orElse("refused"));
                return false;
            }
            pace.failed(batch.number());
            throw e;
        }
    }

    private void delete(List<String> ids) {
        store.deleting(ids);
        ids.forEach(compute::delete);
    }
}
