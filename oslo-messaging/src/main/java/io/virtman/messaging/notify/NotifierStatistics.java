package io.virtman.messaging.notify;

/**
 * What a notifier has done since it was made, all its publisher ids together.
 *
 * @param sent notifications that the broker confirmed, on every topic
 * @param failed notifications that the broker did not confirm on every topic in time; they may have
 *     arrived all the same
 * @param refused notifications not tried, since too many were waiting or the notifier was closed
 * @param pending notifications being sent now
 */
public record NotifierStatistics(long sent, long failed, long refused, int pending) {}
