package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.Delivery;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How often requests went back because their journal failed; the last thousand. Any thread. */
final class JournalRetries {
    private static final int SIZE = 1000;
    private static final int LONGEST_ID = 255;

    private final int budget;
    private final Map<String, Integer> spent =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
                    return size() > SIZE;
                }
            };

    JournalRetries(int budget) {
        this.budget = budget;
    }

    /**
     * Whether the request may go back once more. One without id can only if it was not delivered
     * before.
     */
    synchronized boolean spend(@Nullable String uniqueId, Delivery delivery) {
        if (uniqueId == null || uniqueId.length() > LONGEST_ID) {
            return budget > 0 && !delivery.redelivered();
        }
        int before = spent.getOrDefault(uniqueId, 0);
        if (before >= budget) {
            spent.remove(uniqueId);
            return false;
        }
        spent.put(uniqueId, before + 1);
        return true;
    }

    synchronized void forget(@Nullable String uniqueId) {
        if (uniqueId != null) {
            spent.remove(uniqueId);
        }
    }
}
