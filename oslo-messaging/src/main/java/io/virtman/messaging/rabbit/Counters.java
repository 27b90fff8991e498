package io.virtman.messaging.rabbit;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What is counted, see {@link RabbitStatistics}. */
final class Counters {
    final LongAdder connects = new LongAdder();
    final LongAdder losses = new LongAdder();
    final LongAdder published = new LongAdder();
    final LongAdder confirmed = new LongAdder();
    final LongAdder returned = new LongAdder();
    final LongAdder republished = new LongAdder();
    final LongAdder timedOut = new LongAdder();
    final LongAdder delivered = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder channelErrors = new LongAdder();
    final LongAdder mismatches = new LongAdder();
    final LongAdder oversized = new LongAdder();
    final LongAdder blocked = new LongAdder();
    final AtomicInteger unsettled = new AtomicInteger();

    RabbitStatistics snapshot(int inFlight, int subscriptions) {
        return new RabbitStatistics(
                connects.sum(),
                losses.sum(),
                published.sum(),
                confirmed.sum(),
                returned.sum(),
                republished.sum(),
                timedOut.sum(),
                delivered.sum(),
                cancelled.sum(),
                channelErrors.sum(),
                mismatches.sum(),
                oversized.sum(),
                blocked.sum(),
                inFlight,
                unsettled.get(),
                subscriptions);
    }
}
