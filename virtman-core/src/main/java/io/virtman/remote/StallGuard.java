package io.virtman.remote;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Reads streams that know no time-out. */
final class StallGuard {
    private static final ScheduledExecutorService WATCH =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("source-watch").daemon().factory());

    private StallGuard() {}

    /**
     * Up to {@code length} bytes, fewer at the end of the stream.
     *
     * @param atMost after which the stream is closed and the read fails
     */
    static byte[] read(InputStream stream, int length, Duration atMost) throws IOException {
        AtomicBoolean late = new AtomicBoolean();
        Future<?> guard =
                WATCH.schedule(
                        () -> {
                            late.set(true);
                            stream.close();
                            return null;
                        },
                        atMost.toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            byte[] bytes = stream.readNBytes(length);
            if (bytes.length < length && late.get()) {
                throw new IOException("the server sent too little in " + atMost);
            }
            return bytes;
        } finally {
            guard.cancel(false);
        }
    }
}
