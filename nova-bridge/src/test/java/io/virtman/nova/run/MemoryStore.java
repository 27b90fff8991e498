package io.virtman.nova.run;

import io.virtman.nova.boot.Batch;
import io.virtman.nova.boot.BootServer;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.boot.Progress;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Sighting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A fake of the database, for simulations: all in memory, and a clock that is turned by hand. */
final class MemoryStore implements BootStore {
    private final int count;
    private final int attempts;
    private final boolean deleteOnFailure;
    private final Supplier<Instant> clock;
    private final List<Batch> batches = new ArrayList<>();
    private final Map<String, BootServer> servers = new LinkedHashMap<>();
    private BootState state = BootState.RUNNING;
    private @Nullable String reason;

    MemoryStore(int count, int attempts, boolean deleteOnFailure, Supplier<Instant> clock) {
        this.count = count;
        this.attempts = attempts;
        this.deleteOnFailure = deleteOnFailure;
        this.clock = clock;
    }

    @Nullable String reason() {
        return reason;
    }

    @Override
    public Progress progress() {
        return new Progress(
                state,
                count,
                deleteOnFailure,
                reason != null,
                attempts,
                batches,
                List.copyOf(servers.values()));
    }

    @Override
    public Instant now() {
        return clock.get();
    }

    @Override
    public Batch send(int size) {
        Batch batch = new Batch(batches.size() + 1, size, Batch.State.SENT, now());
        batches.add(batch);
        return batch;
    }

    @Override
    public void refused(Batch batch) {
        batches.set(batch.number() - 1, batch.in(Batch.State.REFUSED));
    }

    @Override
    public void saw(Sighting sighting, List<SeenServer> seen) {
        servers.putAll(sighting.servers());
        sighting.settled()
                .forEach(number ->
                        batches.set(number - 1, batches.get(number - 1).in(Batch.State.SETTLED)));
    }

    @Override
    public void deleting(List<String> ids) {
        ids.forEach(id ->
                servers.computeIfPresent(id, (_, server) -> server.in(BootServer.State.DELETING)));
    }

    @Override
    public void giveUp(String why) {
        reason = why;
    }

    @Override
    public void enter(BootState from, BootState target) {
        if (state == from) {
            state = target;
        }
    }
}
