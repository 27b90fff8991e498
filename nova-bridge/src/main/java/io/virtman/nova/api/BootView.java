package io.virtman.nova.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.virtman.nova.boot.BootServer.State;
import io.virtman.nova.database.BootRow;
import io.virtman.nova.database.ServerRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A boot as its user sees it.
 *
 * @param id of the boot
 * @param projectId whose it is
 * @param name of the servers
 * @param source what their volumes are made of
 * @param state {@code running} and so on, small letters
 * @param reason why there will be no more; null while there may
 * @param count servers that are wanted
 * @param active that run
 * @param building that Nova is at work on
 * @param failed that it has given up
 * @param ratePerMinute servers that came up in the last minute, or per minute on the whole when it
 *     is over; null before the first
 * @param etaSeconds until all run, at that rate; null when nothing can be said
 * @param createdAt when it was asked for
 * @param endedAt null while it goes on
 * @param expiresAt when it is given up
 * @param servers each of them; null in lists
 */
@JsonNaming(SnakeCaseStrategy.class)
public record BootView(
        String id,
        String projectId,
        String name,
        String source,
        String state,
        @Nullable String reason,
        int count,
        int active,
        int building,
        int failed,
        @Nullable Double ratePerMinute,
        @Nullable Long etaSeconds,
        Instant createdAt,
        @Nullable Instant endedAt,
        Instant expiresAt,
        @Nullable List<ServerView> servers) {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /**
     * One server.
     *
     * @param id Nova's
     * @param state {@code building} and so on
     * @param phase what Nova is doing with it; null when nothing, or it isn't known
     * @param host where it is; null for whom that doesn't concern
     * @param fault why it failed
     * @param seenAt when it was first seen
     * @param activeAt when it was first seen to run
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record ServerView(
            String id,
            String state,
            @Nullable String phase,
            @Nullable String host,
            @Nullable String fault,
            Instant seenAt,
            @Nullable Instant activeAt) {}

    /**
     * Of rows.
     *
     * @param now by the database's clock
     * @param hosts whether its reader may know where servers are
     */
    static BootView of(
            BootRow boot,
            String name,
            String source,
            List<ServerRow> servers,
            Instant now,
            boolean hosts,
            boolean whole) {
        int active = in(servers, State.ACTIVE);
        Optional<Double> rate = rate(boot, servers, now);
        return new BootView(
                boot.id(),
                boot.projectId(),
                name,
                source,
                text(boot.state()),
                boot.reason().orElse(null),
                boot.servers(),
                active,
                in(servers, State.BUILDING),
                in(servers, State.FAILED),
                rate.orElse(null),
                rate.filter(each -> each > 0 && !boot.state().isLast())
                        .map(each -> Math.round((boot.servers() - active) / each * 60))
                        .orElse(null),
                boot.createdAt(),
                boot.endedAt().orElse(null),
                boot.expiresAt(),
                whole ? servers.stream().map(each -> view(each, hosts)).toList() : null);
    }

    private static int in(List<ServerRow> servers, State state) {
        return (int) servers.stream().filter(each -> each.server().state() == state).count();
    }

    private static ServerView view(ServerRow row, boolean hosts) {
        return new ServerView(
                row.server().id(),
                text(row.server().state()),
                row.phase().orElse(null),
                hosts ? row.host().orElse(null) : null,
                row.fault().orElse(null),
                row.server().since(),
                row.activeAt().orElse(null));
    }

    private static Optional<Double> rate(BootRow boot, List<ServerRow> servers, Instant now) {
        List<Instant> times =
                servers.stream().flatMap(each -> each.activeAt().stream()).sorted().toList();
        if (times.isEmpty()) {
            return Optional.empty();
        }
        Instant end =
                boot.endedAt().isPresent()
                        ? times.stream().max(Comparator.naturalOrder()).orElse(now)
                        : now;
        boolean lately =
                boot.endedAt().isEmpty()
                        && Duration.between(boot.createdAt(), now).compareTo(MINUTE) > 0;
        Instant from = lately ? now.minus(MINUTE) : boot.createdAt();
        long came = times.stream().filter(each -> !each.isBefore(from)).count();
        double minutes = Math.max(1, Duration.between(from, end).toMillis()) / 60_000.0;
        return Optional.of(Math.round(came / minutes * 10) / 10.0);
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
