package io.virtman.messaging.rpc;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where a method of a test's server waits until the test lets it go. */
final class Gate {
    private final CountDownLatch latch = new CountDownLatch(1);

    void pass() throws InterruptedException {
        if (!latch.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the gate was not opened");
        }
    }

    void open() {
        latch.countDown();
    }
}
