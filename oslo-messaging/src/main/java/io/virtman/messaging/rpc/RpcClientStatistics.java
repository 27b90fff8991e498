package io.virtman.messaging.rpc;

/**
 * What a client has done since it was made.
 *
 * @param calls that were sent
 * @param casts that were sent, fanouts included
 * @param replies that calls waited for, failures included
 * @param signsOfLife replies that said only that the server still works
 * @param unexpectedReplies that nobody waited for: late, twice, or forged
 * @param malformedReplies that could not be read
 * @param waiting calls that wait now
 */
public record RpcClientStatistics(
        long calls,
        long casts,
        long replies,
        long signsOfLife,
        long unexpectedReplies,
        long malformedReplies,
        int waiting) {}
