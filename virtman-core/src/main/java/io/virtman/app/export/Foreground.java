package io.virtman.app.export;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Work in the calling thread that a signal ends, at whatever step it is: the thread is interrupted,
 * and the process ends once the work has cleaned up.
 */
public final class Foreground {
    /** A stop waits this long for clean-up; running requests of clients take up to 10 s of it. */
    private static final Duration CLEAN_UP_BOUND = Duration.ofSeconds(20);

    /** What is done; it ends early when its thread is interrupted. */
    @FunctionalInterface
    public interface Work {
        void run() throws IOException, InterruptedException;
    }

    private Foreground() {}

    /**
     * Returns when the work has ended, by itself or interrupted. Failures that an interrupt brought
     * about are none.
     */
    public static void run(Work work) throws IOException {
        Thread worker = Thread.currentThread();
        CountDownLatch ended = new CountDownLatch(1);
        Thread stop =
                Thread.ofPlatform()
                        .name("stop")
                        .unstarted(() -> {
                            worker.interrupt();
                            await(ended);
                        });
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            work.run();
        } catch (InterruptedException _) {
            // the way it ends
        } catch (IOException | RuntimeException e) {
            if (!Thread.interrupted()) {
                throw e;
            }
        } finally {
            ended.countDown();
            remove(stop);
        }
    }

    private static void await(CountDownLatch ended) {
        try {
            boolean _ = ended.await(CLEAN_UP_BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // the process is ending: the hook is what runs
        }
    }
}
