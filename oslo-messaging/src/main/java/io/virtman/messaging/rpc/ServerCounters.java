package io.virtman.messaging.rpc;

import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link RpcStatistics}. Any thread. */
final class ServerCounters {
    final LongAdder received = new LongAdder();
    final LongAdder dispatched = new LongAdder();
    final LongAdder succeeded = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder expectedFailures = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder unknownMethods = new LongAdder();
    final LongAdder requeued = new LongAdder();
    final LongAdder repliesSent = new LongAdder();
    final LongAdder repliesRetried = new LongAdder();
    final LongAdder repliesDropped = new LongAdder();
    final LongAdder signsOfLife = new LongAdder();

    RpcStatistics snapshot(int running, int waiting) {
        return new RpcStatistics(
                received.sum(),
                dispatched.sum(),
                succeeded.sum(),
                failed.sum(),
                expectedFailures.sum(),
                malformed.sum(),
                duplicates.sum(),
                unknownMethods.sum(),
                requeued.sum(),
                repliesSent.sum(),
                repliesRetried.sum(),
                repliesDropped.sum(),
                signsOfLife.sum(),
                running,
                waiting);
    }
}
