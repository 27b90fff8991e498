package io.virtman.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Reads a program's output to its end in a thread of its own, so that the program never blocks on a
 * full pipe, and keeps the beginning.
 */
final class OutputDrain {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final int limit;
    private final Thread reader;

    /**
     * @param limit bytes kept; the rest is read and dropped
     */
    OutputDrain(InputStream stream, int limit) {
        this.limit = limit;
        this.reader = Thread.ofVirtual().start(() -> drain(stream));
    }

    /** What was printed: all of it, or what there is when {@code grace} has passed. */
    String await(Duration grace) throws InterruptedException {
        boolean _ = reader.join(grace);
        synchronized (kept) {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }

    private void drain(InputStream stream) {
        byte[] buffer = new byte[8192];
        try (stream) {
            int count;
            while ((count = stream.read(buffer)) >= 0) {
                synchronized (kept) {
                    kept.write(buffer, 0, Math.min(count, limit - kept.size()));
                }
            }
        } catch (IOException e) {
            // the program was killed: its status tells the story
            return;
        }
    }
}
