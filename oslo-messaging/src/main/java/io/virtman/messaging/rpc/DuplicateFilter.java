package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.Delivery;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises requests that arrive twice, by their {@code _unique_id}. Source: {@code _MsgIdCache}
 * in {@code oslo_messaging/_drivers/amqp.py}, which remembers 16. Any thread.
 *
 * <p>Each id is unknown, in progress, or done; of the done ones only so many are remembered, of
 * those in progress there are no more than handlers and deliveries that wait.
 */
final class DuplicateFilter {
    /** Longer ids are nobody's; such requests are not filtered, since the memory is bounded. */
    private static final int LONGEST_ID = 255;

    private final int capacity;
    private final Map<String, Duty> inProgress = new HashMap<>();
    private final Set<String> done = new LinkedHashSet<>();

    DuplicateFilter(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Begins a request.
     *
     * @return its duty; null for a copy, which has been dealt with
     */
    @Nullable Duty begin(@Nullable String uniqueId, Delivery delivery) {
        if (!isUsable(uniqueId)) {
            return new Duty(delivery);
        }
        Duty duty;
        synchronized (this) {
            if (done.contains(uniqueId)) {
                duty = null;
            } else {
                duty = inProgress.get(uniqueId);
                if (duty == null) {
                    duty = new Duty(delivery);
                    inProgress.put(uniqueId, duty);
                    return duty;
                }
            }
        }
        if (duty == null) {
            delivery.acknowledge();
        } else {
            duty.takeOver(delivery);
        }
        return null;
    }

    /** The request was carried out, with success or not: copies are dropped from now on. */
    synchronized void finish(@Nullable String uniqueId) {
        if (!isUsable(uniqueId)) {
            return;
        }
        inProgress.remove(uniqueId);
        done.add(uniqueId);
        if (done.size() > capacity) {
            Iterator<String> eldest = done.iterator();
            eldest.next();
            eldest.remove();
        }
    }

    /** The request goes back to the broker: it is no copy when it comes again. */
    synchronized void forget(@Nullable String uniqueId) {
        if (isUsable(uniqueId)) {
            inProgress.remove(uniqueId);
        }
    }

    private static boolean isUsable(@Nullable String uniqueId) {
        return uniqueId != null && !uniqueId.isEmpty() && uniqueId.length() <= LONGEST_ID;
    }
}
