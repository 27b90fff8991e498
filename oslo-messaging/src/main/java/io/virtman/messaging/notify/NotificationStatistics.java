package io.virtman.messaging.notify;

/**
 * What a listener has done since it was started. All that was received is in one of the counts of
 * handled to malformed, or is still being worked on.
 *
 * @param received deliveries
 * @param handled notifications that every endpoint that wanted them has handled
 * @param ignored notifications that no endpoint wanted
 * @param requeued times a notification was given back to be delivered again
 * @param dropped notifications given up, after as many attempts as are allowed
 * @param duplicates deliveries of a notification that had been handled, or was being handled,
 *     already
 * @param malformed deliveries that are no notification, or are of an unknown priority
 * @param failures times that an endpoint threw
 * @param running notifications, or batches of them, that endpoints are busy with
 * @param waiting the same, not begun with yet
 */
public record NotificationStatistics(
        long received,
        long handled,
        long ignored,
        long requeued,
        long dropped,
        long duplicates,
        long malformed,
        long failures,
        int running,
        int waiting) {}
