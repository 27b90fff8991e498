package io.virtman.cinder.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.bridge.database.Database;
import io.virtman.cinder.volume.Caller;
import io.virtman.cinder.volume.Notices;
import io.virtman.messaging.notify.NotificationPriority;
import io.virtman.messaging.notify.Notifier;
import io.virtman.messaging.wire.RequestContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads the rows as they are now, and sends what they say without waiting. Whatever fails is logged
 * and counted, and nobody else's worry. Publishers and moments are those of {@code
 * cinder/volume/manager.py}.
 */
public final class UsageNotices implements Notices, AutoCloseable {
    private static final Logger LOGGER = System.getLogger(UsageNotices.class.getName());
    private static final Duration CLOSE = Duration.ofSeconds(3);

    private final Database database;
    private final String backend;
    private final List<Notifier> notifiers;
    private final Runnable afterwards;
    private final InstantSource clock;
    private final AtomicLong unread = new AtomicLong();

    /**
     * How many there were.
     *
     * @param sent which the broker has
     * @param failed which it may not have, or that could not be read or were too many
     */
    public record Figures(long sent, long failed) {}

    /**
     * @param backend {@code host@backend}
     * @param notifiers each of which sends all; they are closed with this
     * @param afterwards what else is to be closed
     */
    UsageNotices(
            Database database,
            String backend,
            List<Notifier> notifiers,
            Runnable afterwards,
            InstantSource clock) {
        this.database = database;
        this.backend = backend;
        this.notifiers = List.copyOf(notifiers);
        this.afterwards = afterwards;
        this.clock = clock;
    }

    @Override
    public void volume(Caller caller, String volumeId, Event event) {
        if (notifiers.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        tell(
                caller,
                "volume",
                event,
                now,
                () -> database.read(tx -> UsagePayload.volume(tx, volumeId, now)));
    }

    @Override
    public void snapshot(Caller caller, String snapshotId, Event event) {
        if (notifiers.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        tell(
                caller,
                "snapshot",
                event,
                now,
                () -> database.read(tx -> UsagePayload.snapshot(tx, snapshotId, now)));
    }

    private interface Reading {
        Optional<ObjectNode> read();
    }

    private void tell(Caller caller, String what, Event event, Instant now, Reading reading) {
        String type = what + "." + event.suffix();
        try {
            Optional<ObjectNode> read = reading.read();
            if (read.isEmpty() || (gone(read.get()) && event != Event.DELETE_END)) {
                return; // there is nothing to tell of
            }
            ObjectNode payload = read.get();
            String publisher = what + "." + publisher(what, event, payload);
            RequestContext context = context(caller, now);
            for (Notifier notifier : notifiers) {
                var _ =
                        notifier.withPublisherId(publisher)
                                .send(context, NotificationPriority.INFO, type, payload);
            }
        } catch (RuntimeException e) {
            unread.incrementAndGet();
            LOGGER.log(Level.WARNING, "{0} {1} is not told: {2}", type, caller, e.toString());
        }
    }

    private static boolean gone(JsonNode payload) {
        return payload.path("status").asText().equals("deleted");
    }

    /** Creation is told in the name of the volume's pool, all else in that of the backend. */
    private String publisher(String what, Event event, JsonNode payload) {
        boolean pool =
                what.equals("volume") && (event == Event.CREATE_START || event == Event.CREATE_END);
        return pool ? payload.path("host").asText(backend) : backend;
    }

    private static RequestContext context(Caller caller, Instant now) {
        String requestId = caller.requestId();
        RequestContext context =
                RequestContext.admin(
                        requestId == null ? RequestContext.freshRequestId() : requestId, now);
        String project = caller.projectId();
        return project == null ? context : context.with("project_id", project);
    }

    /** What became of all. */
    public Figures figures() {
        long sent = 0;
        long failed = unread.get();
        for (Notifier notifier : notifiers) {
            sent += notifier.statistics().sent();
            failed += notifier.statistics().failed() + notifier.statistics().refused();
        }
        return new Figures(sent, failed);
    }

    /** Waits for what is being sent, but not for long. */
    @Override
    public void close() {
        for (Notifier notifier : notifiers) {
            int left = notifier.close(CLOSE);
            if (left > 0) {
                LOGGER.log(Level.WARNING, "{0} notifications were not sent", left);
            }
        }
        afterwards.run();
    }
}
