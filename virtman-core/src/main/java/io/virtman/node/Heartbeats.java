package io.virtman.node;

import io.virtman.problem.ProblemException;
import io.virtman.volt.HeartbeatAnswer;
import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Reports to Volt at an interval, on one thread of its own. While Volt is away it goes on trying;
 * nothing else stops.
 */
final class Heartbeats implements Closeable {
    private static final Logger LOGGER = System.getLogger(Heartbeats.class.getName());

    private final Supplier<HeartbeatAnswer> report;
    private final Consumer<HeartbeatAnswer> answer;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("heartbeat").daemon().factory());
    private boolean away; // only the heartbeat thread

    Heartbeats(Supplier<HeartbeatAnswer> report, Consumer<HeartbeatAnswer> answer) {
        this.report = report;
        this.answer = answer;
    }

    void start(Duration interval) {
        var _ =
                executor.scheduleWithFixedDelay(
                        this::beat, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void beat() {
        try {
            answer.accept(report.get());
            if (away) {
                LOGGER.log(Level.INFO, "Volt is back");
            }
            away = false;
        } catch (ProblemException e) {
            if (!away) {
                LOGGER.log(Level.WARNING, "no heartbeat: {0}", e.getMessage());
            }
            away = true;
        } catch (RuntimeException | Error e) {
            // an error too: the executor would never beat again, and Volt take this node for dead
            LOGGER.log(Level.ERROR, "heartbeat failed", e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
