package io.virtman.messaging.rpc;

import java.time.Duration;

/**
 * The numbers of a server; see {@link RpcServerBuilder} for what they mean.
 *
 * @param concurrency methods that run at a time
 * @param unsettled deliveries that are unsettled at a time
 * @param rememberedRequests ids of finished requests
 * @param startLimit how long to wait for the broker at the start
 * @param replyRetryInterval between attempts to reach a queue that is gone
 * @param replyRetryBudget how long a reply is tried; also how long a dead queue is remembered
 * @param pendingReplies that are being sent, and as many that wait to be sent again
 */
record ServerOptions(
        int concurrency,
        int unsettled,
        int rememberedRequests,
        Duration startLimit,
        Duration replyRetryInterval,
        Duration replyRetryBudget,
        int pendingReplies) {}
