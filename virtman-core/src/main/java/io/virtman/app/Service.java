package io.virtman.app;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;

/** Runs a service in the foreground until the process is told to end (Ctrl-C, SIGTERM). */
public final class Service {
    private static final Logger LOGGER = System.getLogger(Service.class.getName());

    /** What ends a service. */
    public interface Stop {
        void run() throws IOException;
    }

    private Service() {}

    /** Says that it is ready, then returns when it has been stopped. */
    public static int run(String ready, Stop stop) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .name("stop")
                                .unstarted(() -> {
                                    try {
                                        stop.run();
                                    } catch (IOException | RuntimeException e) {
                                        LOGGER.log(
                                                Level.WARNING,
                                                "the service did not stop cleanly: {0}",
                                                e.getMessage());
                                    } finally {
                                        stopped.countDown();
                                    }
                                }));
        System.out.println(ready);
        System.out.flush();
        stopped.await();
        return 0;
    }
}
