package io.virtman.messaging.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a transport's configuration says to those who use the transport. They follow it unless their
 * program says otherwise.
 *
 * @param unsettled deliveries of one subscription that may be unsettled ({@code
 *     rabbit_qos_prefetch_count}); 0 leaves it to the program
 * @param compression of what is sent ({@code kombu_compression}); null for none
 * @param replyRetryBudget how long a reply is tried to be sent to a queue that is gone ({@code
 *     kombu_missing_consumer_retry_timeout})
 */
public record TransportDefaults(
        int unsettled, @Nullable String compression, Duration replyRetryBudget) {
    /** What oslo.messaging has when nothing is configured. */
    public static final TransportDefaults STANDARD =
            new TransportDefaults(0, null, Duration.ofMinutes(1));
}
