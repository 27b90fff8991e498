package io.virtman.messaging.rpc;

import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.wire.RpcRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often requests went back because their journal failed; the last thousand. A caller waits and
 * soon wants to know; a cast that is given up is lost with nobody told, so its budget is larger.
 * Any thread.
 */
final class JournalRetries {
    private static final int SIZE = 1000;
    private static final int LONGEST_ID = 255;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int LONGEST_DOUBLING = 16;

    private final int calls;
    private final int casts;
    private final Duration pause;
    private final Map<String, Integer> spent =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
                    return size() > SIZE;
                }
            };

    /**
     * A budget for each request.
     *
     * @param calls how often a call may go back
     * @param casts how often a cast may
     * @param pause before the first time; doubled each time, up to 30 s
     */
    JournalRetries(int calls, int casts, Duration pause) {
        this.calls = calls;
        this.casts = casts;
        this.pause = pause;
    }

    /**
     * How long to wait before the request goes back; null when it may not. One without id can only
     * if it was not delivered before.
     */
    synchronized @Nullable Duration spend(RpcRequest request, Delivery delivery) {
        int budget = request.replyTo() == null ? casts : calls;
        String uniqueId = request.uniqueId();
        if (uniqueId == null || uniqueId.length() > LONGEST_ID) {
            return budget > 0 && !delivery.redelivered() ? pause : null;
        }
        int before = spent.getOrDefault(uniqueId, 0);
        if (before >= budget) {
            spent.remove(uniqueId);
            return null;
        }
        spent.put(uniqueId, before + 1);
        Duration longer = pause.multipliedBy(1L << Math.min(before, LONGEST_DOUBLING));
        return longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }

    synchronized void forget(@Nullable String uniqueId) {
        if (uniqueId != null) {
            spent.remove(uniqueId);
        }
    }
}
