package io.virtman.cinder.database;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that goes when it is told to. */
public final class TestClock implements InstantSource {
    public static final Instant START = Instant.parse("2026-03-04T05:06:07.890123Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);

    @Override
    public Instant instant() {
        return now.get();
    }

    public void advance(Duration duration) {
        now.updateAndGet(time -> time.plus(duration));
    }

    public void reset() {
        now.set(START);
    }
}
