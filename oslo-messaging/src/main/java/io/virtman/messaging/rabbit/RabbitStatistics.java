package io.virtman.messaging.rabbit;

/**
 * What a transport has done so far and what it holds now.
 *
 * @param connects connections made
 * @param losses connections lost, not those closed by us
 * @param published messages written to a connection, again and again if need be
 * @param confirmed messages the broker has confirmed
 * @param returned messages that no queue got
 * @param republished how many of {@code published} were not the first time
 * @param timedOut messages given up because their time was over
 * @param delivered messages handed over
 * @param cancelled times the broker ended a consumer, e.g. because its queue was deleted
 * @param channelErrors channels closed by the broker
 * @param mismatches exchanges and queues that exist with other flags than ours
 * @param oversized messages longer than the maximum
 * @param blocked times the broker has asked not to publish
 * @param inFlight messages sent whose outcome is not known now
 * @param unsettled messages handed over and not settled now
 * @param subscriptions open now
 */
public record RabbitStatistics(
        long connects,
        long losses,
        long published,
        long confirmed,
        long returned,
        long republished,
        long timedOut,
        long delivered,
        long cancelled,
        long channelErrors,
        long mismatches,
        long oversized,
        long blocked,
        int inFlight,
        int unsettled,
        int subscriptions) {}
