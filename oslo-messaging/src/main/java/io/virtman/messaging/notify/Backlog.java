package io.virtman.messaging.notify;

import io.virtman.messaging.transport.Delivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Deliveries, by batches, that wait for an endpoint to have time. Any thread.
 *
 * <p>When a connection is lost, the broker delivers again what is still waiting here. Of one
 * connection no more can be unsettled than were asked for, so that beyond this the oldest came by
 * one that was lost: they make room for their copies.
 */
final class Backlog {
    private final int maximum;
    private final Deque<List<Delivery>> batches = new ArrayDeque<>();
    private int deliveries;

    /** Keeps no more than so many deliveries. */
    Backlog(int maximum) {
        this.maximum = maximum;
    }

    /** Adds one and returns the deliveries that had to make room, the oldest. */
    synchronized List<Delivery> add(List<Delivery> batch) {
        batches.addLast(batch);
        deliveries += batch.size();
        List<Delivery> stale = new ArrayList<>();
        while (deliveries > maximum && batches.size() > 1) {
            stale.addAll(take());
        }
        return stale;
    }

    /** Removes the oldest; empty when there is none. */
    synchronized List<Delivery> take() {
        List<Delivery> oldest = batches.pollFirst();
        if (oldest == null) {
            return List.of();
        }
        deliveries -= oldest.size();
        return oldest;
    }

    /** Batches that wait. */
    synchronized int size() {
        return batches.size();
    }
}
