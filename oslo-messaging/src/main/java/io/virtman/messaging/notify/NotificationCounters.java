package io.virtman.messaging.notify;

import java.util.concurrent.atomic.LongAdder;

/** Where the numbers of {@link NotificationStatistics} are counted. Any thread. */
final class NotificationCounters {
    final LongAdder received = new LongAdder();
    final LongAdder handled = new LongAdder();
    final LongAdder ignored = new LongAdder();
    final LongAdder requeued = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder failures = new LongAdder();

    NotificationStatistics statistics(int running, int waiting) {
        return new NotificationStatistics(
                received.sum(),
                handled.sum(),
                ignored.sum(),
                requeued.sum(),
                dropped.sum(),
                duplicates.sum(),
                malformed.sum(),
                failures.sum(),
                running,
                waiting);
    }
}
