package io.virtman.messaging.rpc;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reply queues of callers that are gone, so that not every reply to them is tried for a minute.
 * Source: {@code ObsoleteReplyQueuesCache} in {@code oslo_messaging/_drivers/amqpdriver.py}: the
 * last 200. Any thread.
 */
final class DeadQueues {
    private static final int SIZE = 200;

    private final long memoryNanos;
    private final Timers timers;
    private final Map<String, Long> forgottenAt = new LinkedHashMap<>();

    DeadQueues(Duration memory, Timers timers) {
        memoryNanos = memory.toNanos();
        this.timers = timers;
    }

    synchronized void add(String queue) {
        forgottenAt.remove(queue);
        forgottenAt.put(queue, timers.nanoTime() + memoryNanos);
        if (forgottenAt.size() > SIZE) {
            Iterator<String> eldest = forgottenAt.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }

    synchronized boolean contains(String queue) {
        Long end = forgottenAt.get(queue);
        if (end == null) {
            return false;
        }
        if (end - timers.nanoTime() <= 0) {
            forgottenAt.remove(queue);
            return false;
        }
        return true;
    }
}
