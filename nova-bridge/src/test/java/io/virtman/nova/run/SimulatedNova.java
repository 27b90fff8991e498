package io.virtman.nova.run;

import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.cloud.BootCompute;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.cloud.CloudException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A fake of Nova that is as bad as it may be, in virtual time: requests take effect late, or not at
 * all, answers get lost, builds fail or never end, deletions fail, users delete servers.
 */
final class SimulatedNova implements BootCompute {
    /** Within it what was sent takes effect, or never. */
    static final Duration LATEST = Duration.ofSeconds(60);

    private static final class Instance {
        final String id;
        final int batch;
        final Instant from;
        Instant up;
        String status = "BUILD";
        boolean deleting;
        @Nullable Instant gone;

        Instance(String id, int batch, Instant from, Instant up) {
            this.id = id;
            this.batch = batch;
            this.from = from;
            this.up = up;
        }
    }

    private final Random random;
    private final double trouble;
    private final Map<String, Instance> instances = new LinkedHashMap<>();
    private final int quota;
    Instant now = Instant.EPOCH;
    int most; // at any time

    SimulatedNova(Random random, double trouble, int quota) {
        this.random = random;
        this.trouble = trouble;
        this.quota = quota;
    }

    void advance(Duration time) {
        now = now.plus(time);
        for (Instance each : instances.values()) {
            if (each.status.equals("BUILD") && !each.up.isAfter(now)) {
                each.status = random.nextDouble() < trouble ? "ERROR" : "ACTIVE";
            }
            Instant gone = each.gone;
            if (gone != null && !gone.isAfter(now)) {
                each.status = "DELETED";
            }
        }
        most = Math.max(most, (int) alive());
    }

    /** Servers that a user would find, besides those that failed. */
    long alive() {
        return instances.values().stream()
                .filter(each -> each.status.equals("BUILD") || each.status.equals("ACTIVE"))
                .filter(each -> !each.from.isAfter(now))
                .count();
    }

    /** Of whatever kind, also those that are still to come. */
    long there() {
        return instances.values().stream().filter(each -> !each.status.equals("DELETED")).count();
    }

    private boolean strikes() {
        return random.nextDouble() < trouble;
    }

    private void mayBeAway() {
        if (strikes()) {
            throw new CloudException(Kind.UNAVAILABLE, "away", null);
        }
    }

    @Override
    public void create(int batch, int size) {
        mayBeAway();
        long living = instances.values().stream().filter(i -> !i.status.equals("DELETED")).count();
        if (living + size > quota) {
            throw new CloudException(Kind.REFUSED, "quota exceeded", null);
        }
        boolean lost = strikes();
        Duration late =
                lost ? Duration.ofMillis(random.nextLong(LATEST.toMillis())) : Duration.ZERO;
        int made = lost && random.nextBoolean() ? random.nextInt(size + 1) : size;
        for (int i = 0; i < made; i++) {
            Instant from = now.plus(late);
            Duration takes =
                    strikes() ? Duration.ofDays(9) : Duration.ofSeconds(1 + random.nextInt(20));
            Instance instance =
                    new Instance("server-" + instances.size(), batch, from, from.plus(takes));
            instances.put(instance.id, instance);
        }
        if (lost) {
            throw new CloudException(Kind.UNAVAILABLE, "no answer in time", null);
        }
    }

    @Override
    public List<SeenServer> servers() {
        mayBeAway();
        List<SeenServer> seen = new ArrayList<>();
        for (Instance each : instances.values()) {
            boolean hidden = random.nextDouble() < trouble / 4; // e.g. on its way into a cell
            if (!each.status.equals("DELETED") && !each.from.isAfter(now) && !hidden) {
                seen.add(seen(each));
                if (strikes()) {
                    seen.add(seen(each)); // on two pages
                }
            }
        }
        return seen;
    }

    private static SeenServer seen(Instance each) {
        return new SeenServer(
                each.id, each.batch, each.status, each.deleting ? "deleting" : null, null, null);
    }

    @Override
    public Optional<SeenServer> server(String id) {
        mayBeAway();
        return Optional.ofNullable(instances.get(id))
                .filter(each -> !each.status.equals("DELETED"))
                .map(SimulatedNova::seen);
    }

    @Override
    public void delete(String id) {
        mayBeAway();
        Instance instance = instances.get(id);
        if (instance == null || instance.status.equals("DELETED") || strikes()) {
            return; // or it is forgotten
        }
        instance.deleting = true;
        instance.gone = now.plus(Duration.ofSeconds(random.nextInt(5)));
    }

    /** A user deletes one that runs. */
    void meddle() {
        instances.values().stream()
                .filter(each -> each.status.equals("ACTIVE"))
                .findAny()
                .ifPresent(each -> each.status = "DELETED");
    }
}
