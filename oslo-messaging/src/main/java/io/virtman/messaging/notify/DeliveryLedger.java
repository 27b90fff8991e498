package io.virtman.messaging.notify;

import io.virtman.messaging.transport.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which notifications are being handled, were handled, and failed how often, by their {@code
 * _unique_id}. Any thread.
 *
 * <p>{@code _MsgIdCache} of {@code oslo_messaging/_drivers/amqp.py} remembers the last 16 that were
 * acknowledged, and so lets a copy through that comes while the first is being handled: what
 * happens when the connection is lost meanwhile. Such a copy waits here for the first to end.
 */
final class DeliveryLedger {
    private static final int LONGEST_ID = 64;

    /** What is to be done with a delivery. */
    enum Admission {
        /** Handle it, and then tell how that went. */
        HANDLE,
        /** Acknowledge it: this was handled. */
        DUPLICATE,
        /** Do nothing: a copy is being handled, whose end settles this one too. */
        COPY
    }

    /**
     * How an attempt ended.
     *
     * @param attempts how many there were, this one included
     * @param copies deliveries that came meanwhile, to be settled the same way
     */
    record Ended(int attempts, List<Delivery> copies) {}

    private final Map<String, List<Delivery>> running = new HashMap<>();
    private final Map<String, Boolean> handled;
    private final Map<String, Integer> attempts;

    /** Remembers so many handled and as many failed ones, at least 1; the oldest go first. */
    DeliveryLedger(int remembered) {
        handled = new Recent<>(remembered);
        attempts = new Recent<>(remembered);
    }

    /** An id that can be kept in memory; null for none, and for one too long to be of oslo. */
    static @Nullable String key(@Nullable String uniqueId) {
        return uniqueId == null || uniqueId.isEmpty() || uniqueId.length() > LONGEST_ID
                ? null
                : uniqueId;
    }

    synchronized Admission admit(@Nullable String key, Delivery delivery) {
        if (key == null) {
            return Admission.HANDLE;
        }
        if (handled.containsKey(key)) {
            return Admission.DUPLICATE;
        }
        List<Delivery> copies = running.get(key);
        if (copies != null) {
            copies.add(delivery);
            return Admission.COPY;
        }
        running.put(key, new ArrayList<>());
        return Admission.HANDLE;
    }

    /** It is done with, well or badly, and not to be handled again. */
    synchronized List<Delivery> finish(@Nullable String key) {
        if (key == null) {
            return List.of();
        }
        handled.put(key, true);
        attempts.remove(key);
        return copies(key);
    }

    /** It is to be tried again. */
    synchronized Ended fail(@Nullable String key, boolean redelivered) {
        if (key == null) {
            return new Ended(redelivered ? Integer.MAX_VALUE : 1, List.of());
        }
        return new Ended(attempts.merge(key, 1, Integer::sum), copies(key));
    }

    private List<Delivery> copies(String key) {
        List<Delivery> copies = running.remove(key);
        return copies == null ? List.of() : copies;
    }

    /** A map that forgets what was put into it longest ago. */
    private static final class Recent<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1;

        private final int size;

        Recent(int size) {
            this.size = size;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > size;
        }
    }
}
