package io.virtman.messaging.rpc;

/**
 * What a server has done since it was started. Each request that was received counts as exactly one
 * of malformed, duplicate, unknown or dispatched, unless it went back to the broker at the end.
 *
 * @param received deliveries
 * @param dispatched requests that a method was called for; a requeued one counts each time
 * @param succeeded methods that returned
 * @param failed methods that threw something unexpected, journals that failed for good included
 * @param expectedFailures methods that threw {@link RpcFault}
 * @param malformed deliveries that were no requests
 * @param duplicates deliveries of a request that was in progress or done
 * @param unknownMethods requests for a method, version or namespace that there is not
 * @param requeued requests given back because their journal failed
 * @param repliesSent replies that the broker confirmed
 * @param repliesRetried attempts to send a reply again because its queue was gone
 * @param repliesDropped replies given up
 * @param signsOfLife call heartbeats sent
 * @param running methods that run now
 * @param waiting deliveries that wait for a method to end
 */
public record RpcStatistics(
        long received,
        long dispatched,
        long succeeded,
        long failed,
        long expectedFailures,
        long malformed,
        long duplicates,
        long unknownMethods,
        long requeued,
        long repliesSent,
        long repliesRetried,
        long repliesDropped,
        long signsOfLife,
        int running,
        int waiting) {}
